// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/process_state.h"

#include <sys/mman.h>

#include <stdexcept>

#include "doubles/window.h"

namespace gmem_kernel {
namespace {

void* wiped_in_children(std::size_t size) {
  void* const memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || madvise(memory, size, MADV_WIPEONFORK) != 0)
    throw std::runtime_error("no memory that is wiped on fork");
  return memory;
}

ProcessState* state;
std::atomic<std::uint32_t>* entries;
bool* slots;

}  // namespace

void make_process_state(std::size_t device_pages) {
  state = static_cast<ProcessState*>(wiped_in_children(sizeof *state));
  entries = static_cast<std::atomic<std::uint32_t>*>(
      wiped_in_children(kWindowPages * sizeof *entries));
  slots = static_cast<bool*>(wiped_in_children(device_pages + 1));
}

ProcessState& process_state() { return *state; }
std::atomic<std::uint32_t>* ledger_entries() { return entries; }
bool* used_slots() { return slots; }

}  // namespace gmem_kernel
