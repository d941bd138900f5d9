// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/page_mover.h"

#include <sys/mman.h>

#include <stdexcept>

#include "core/kernel_constants.h"
#include "doubles/gmem_abi.h"
#include "doubles/raw_calls.h"

namespace gmem_kernel {
namespace {

constexpr int kReserved = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

}  // namespace

bool pages_leave_the_cpu() { return true; }

std::uintptr_t reserve_device_memory(std::size_t pages) {
  const long made = raw_mmap(0, (pages + 1) * kPageSize, PROT_NONE, kReserved);
  if (is_error(made)) throw std::runtime_error("no memory for the device");
  return page_up(static_cast<std::uintptr_t>(made));
}

void empty_device_memory(std::uintptr_t memory, std::size_t pages) {
  raw_mmap(memory, pages * kPageSize, PROT_NONE, kReserved | MAP_FIXED);
}

bool move_out(std::uintptr_t page, std::uintptr_t to) {
  const long moved =
      raw_call(SYS_mremap, page, kPageSize, kPageSize,
               MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to);
  if (is_error(moved)) return false;
  // The program may have taken its own rights away, not the device's.
  raw_call(SYS_mprotect, to, kPageSize, PROT_READ | PROT_WRITE);
  return true;
}

void forget_copy(std::uintptr_t copy) {
  raw_call(SYS_madvise, copy, kPageSize, MADV_DONTNEED);
}

}  // namespace gmem_kernel
