// SPDX-License-Identifier: MulanPSL-2.0
// What one process has of its own: a lock, and where each of its pages is.
// Where pages leave the CPU, it lies in memory that the kernel wipes in a
// forked child, whose first call then finds nothing on the device, an open
// lock, and no fault server yet.
#ifndef GMEM_TESTS_DOUBLES_PROCESS_STATE_H
#define GMEM_TESTS_DOUBLES_PROCESS_STATE_H

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

struct ProcessState {
  std::atomic<std::uint32_t> lock;
  bool is_served;  // this process has its fault server
  int fault_fd;
  std::size_t next_slot;
};

// Makes the memory, for so many pages of the device.  Throws
// std::runtime_error.
void make_process_state(std::size_t device_pages);

ProcessState& process_state();
// For each 2 MiB page of the window: 0, or what ledger.cc writes there.
std::atomic<std::uint32_t>* ledger_entries();
// For each page of the device, the page of the window that it holds, or 0.
std::uintptr_t* pages_in_slots();

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_PROCESS_STATE_H
