// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/process_state.h"

#include <sys/mman.h>

#include <stdexcept>

#include "doubles/window.h"

namespace gmem_kernel {
namespace {

template <typename T>
T* zeros_for(std::size_t count) {
  const std::size_t size = count * sizeof(T);
  void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no memory");
  if (pages_leave_the_cpu() && madvise(memory, size, MADV_WIPEONFORK) != 0)
    throw std::runtime_error("no memory that is wiped on fork");
  return static_cast<T*>(memory);
}

ProcessState* state;
std::atomic<std::uint32_t>* entries;
std::uintptr_t* slots;

}  // namespace

void make_process_state(std::size_t device_pages) {
  state = zeros_for<ProcessState>(1);
  entries = zeros_for<std::atomic<std::uint32_t>>(kWindowPages);
  slots = zeros_for<std::uintptr_t>(device_pages + 1);
}

ProcessState& process_state() { return *state; }
std::atomic<std::uint32_t>* ledger_entries() { return entries; }
std::uintptr_t* pages_in_slots() { return slots; }

}  // namespace gmem_kernel
