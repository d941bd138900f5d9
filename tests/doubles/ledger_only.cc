// SPDX-License-Identifier: MulanPSL-2.0
// Instead of page_mover.cc and fault_server.cc where there is no userfaultfd,
// as under qemu-user: pages stay with the CPU, and the ledger alone says what
// is on the device.  A child of fork finds zeros all the same.
#include <pthread.h>
#include <sys/mman.h>

#include "doubles/device_memory.h"
#include "doubles/fault_server.h"
#include "doubles/gmem_abi.h"
#include "doubles/page_mover.h"
#include "doubles/process_state.h"
#include "doubles/raw_calls.h"

namespace gmem_kernel {
namespace {

void zero_what_stayed_behind() {
  process_state().lock = 0;
  for (std::size_t slot = 0; slot < slot_count(); ++slot) {
    const std::uintptr_t page = pages_in_slots()[slot];
    if (page == 0) continue;
    raw_call(SYS_madvise, page, kPageSize, MADV_DONTNEED);
    drop_from_device(page, page + kPageSize);
  }
}

}  // namespace

bool pages_leave_the_cpu() { return false; }
bool pins_refuse_the_cpu() { return false; }

std::uintptr_t reserve_device_memory(std::size_t) { return 0; }
void empty_device_memory(std::uintptr_t, std::size_t) {}
bool move_out(std::uintptr_t, std::uintptr_t) { return true; }
void forget_copy(std::uintptr_t) {}

void prepare_fault_server() {
  pthread_atfork(nullptr, nullptr, zero_what_stayed_behind);
}
bool serve_this_process() { return true; }
bool watch_mapping(std::uintptr_t, std::size_t) { return true; }

}  // namespace gmem_kernel
