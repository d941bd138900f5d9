// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/keep_sigsys.h"

#include <errno.h>
#include <signal.h>

#include <atomic>
#include <cstring>

#include "doubles/raw_calls.h"

// The C library's own, under its other name.
extern "C" int __sigaction(int signal, const struct sigaction* wanted,
                           struct sigaction* found) noexcept;

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

// For handlers of other signals.
int change_action(int signal, const struct sigaction* wanted,
                  struct sigaction* found) {
  if (!is_kept || wanted == nullptr) return __sigaction(signal, wanted, found);
  if (signal == SIGSYS) {
    if (found != nullptr) *found = {};
    return 0;
  }
  struct sigaction action = *wanted;
  sigdelset(&action.sa_mask, SIGSYS);
  return __sigaction(signal, &action, found);
}

}  // namespace

bool keep_sigsys(void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  if (__sigaction(SIGSYS, &action, nullptr) != 0) return false;
  is_kept = true;
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGSYS);
  return change_mask(SIG_UNBLOCK, &only, nullptr) == 0;
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

extern "C" __attribute__((visibility("default"))) int sigaction(
    int number, const struct sigaction* wanted,
    struct sigaction* found) noexcept {
  return gmem_kernel::change_action(number, wanted, found);
}

extern "C" __attribute__((visibility("default"))) sighandler_t signal(
    int number, sighandler_t handler) noexcept {
  struct sigaction wanted = {};
  wanted.sa_handler = handler;
  wanted.sa_flags = SA_RESTART;
  struct sigaction found;
  if (gmem_kernel::change_action(number, &wanted, &found) != 0) return SIG_ERR;
  return found.sa_handler;
}
