// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/keep_sigsys.h"

#include <errno.h>
#include <signal.h>

#include <atomic>
#include <cstring>

#include "doubles/raw_calls.h"

namespace gmem_kernel {
namespace {

std::atomic<bool> is_kept;

using Mask = std::uint64_t;  // the kernel's
constexpr Mask kSigsys = Mask{1} << (SIGSYS - 1);
// glibc's own two, which it keeps programs from blocking.
constexpr Mask kOfThreads = Mask{3} << 31;

// Returns a positive errno.
int change_mask(int how, const sigset_t* wanted, sigset_t* found) {
  Mask mask = 0;
  if (wanted != nullptr) {
    memcpy(&mask, wanted, sizeof mask);
    if (how != SIG_UNBLOCK) mask &= ~kOfThreads;
    if (how != SIG_UNBLOCK && is_kept) mask &= ~kSigsys;
  }
  Mask old = 0;
  const long result =
      raw_call(SYS_rt_sigprocmask, how, wanted == nullptr ? nullptr : &mask,
               &old, sizeof mask);
  if (is_error(result)) return static_cast<int>(-result);
  if (found != nullptr) {
    sigemptyset(found);
    memcpy(found, &old, sizeof old);
  }
  return 0;
}

}  // namespace

void never_block_sigsys() {
  is_kept = true;
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGSYS);
  change_mask(SIG_UNBLOCK, &only, nullptr);
}

}  // namespace gmem_kernel

extern "C" __attribute__((visibility("default"))) int pthread_sigmask(
    int how, const sigset_t* wanted, sigset_t* found) noexcept {
  return gmem_kernel::change_mask(how, wanted, found);
}

extern "C" __attribute__((visibility("default"))) int sigprocmask(
    int how, const sigset_t* wanted, sigset_t* found) noexcept {
  const int error = gmem_kernel::change_mask(how, wanted, found);
  if (error == 0) return 0;
  errno = error;
  return -1;
}
