// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/gmem_kernel.h"

#include <stdexcept>

#include "doubles/device_memory.h"
#include "doubles/devices_attached.h"
#include "doubles/fault_server.h"
#include "doubles/front.h"
#include "doubles/kernel_lock.h"
#include "doubles/prefetch.h"
#include "doubles/process_state.h"
#include "doubles/violations.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

bool is_installed;

}  // namespace

void install(const Options& wanted) {
  if (is_installed) throw std::runtime_error("one GMEM kernel is enough");
  make_violation_count();
  make_process_state(wanted.device_pages);
  make_device_memory(wanted.device_pages);
  prepare_fault_server();
  {
    const KernelLock lock;
    if (!process_state().is_served)
      throw std::runtime_error("userfaultfd is not to be had");
  }
  set_options(wanted);
  catch_system_calls(wanted.generation);
  is_installed = true;
}

bool is_on_device(std::uintptr_t address) {
  return is_on_device_page(page_down(address));
}

std::size_t bytes_on_device(std::uintptr_t begin, std::size_t size) {
  const std::uintptr_t end = begin + size;
  std::size_t found = 0;
  for (std::uintptr_t at = begin; at < end;) {
    const std::uintptr_t page_end = page_down(at) + kPageSize;
    const std::uintptr_t next = page_end < end ? page_end : end;
    if (is_on_device(at)) found += next - at;
    at = next;
  }
  return found;
}

std::size_t violations() { return violation_count(); }

void pin(std::uintptr_t begin, std::size_t size) {
  if (prefetch(first_attached_hnid(), begin, size, Pinning::kPin) != 0)
    throw std::runtime_error("pages cannot be pinned");
}

}  // namespace gmem_kernel
