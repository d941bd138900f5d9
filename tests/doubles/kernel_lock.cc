// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/kernel_lock.h"

#include <linux/futex.h>
#include <signal.h>

#include "doubles/fault_server.h"
#include "doubles/process_state.h"
#include "doubles/raw_calls.h"

namespace gmem_kernel {
namespace {

enum : std::uint32_t { kFree, kHeld, kHeldAndWaitedFor };

void set_signals(const std::uint64_t* wanted, std::uint64_t* found) {
  raw_call(SYS_rt_sigprocmask, SIG_SETMASK, wanted, found, sizeof *wanted);
}

void acquire(std::atomic<std::uint32_t>& lock) {
  std::uint32_t found = kFree;
  if (lock.compare_exchange_strong(found, kHeld)) return;
  while (lock.exchange(kHeldAndWaitedFor) != kFree)
    raw_call(SYS_futex, &lock, FUTEX_WAIT_PRIVATE, kHeldAndWaitedFor, nullptr);
}

void release(std::atomic<std::uint32_t>& lock) {
  if (lock.exchange(kFree) == kHeldAndWaitedFor)
    raw_call(SYS_futex, &lock, FUTEX_WAKE_PRIVATE, 1);
}

}  // namespace

KernelLock::KernelLock() {
  const std::uint64_t all = ~std::uint64_t{0};
  set_signals(&all, &signals_found_);
  ProcessState& state = process_state();
  acquire(state.lock);
  if (!state.is_served) state.is_served = serve_this_process();
}

KernelLock::~KernelLock() {
  release(process_state().lock);
  set_signals(&signals_found_, nullptr);
}

}  // namespace gmem_kernel
