// SPDX-License-Identifier: MulanPSL-2.0
// A SIGSYS that a filter raises kills the process where it is blocked or has
// lost its handler, so nobody may do that: this directory has its own
// pthread_sigmask, sigprocmask, sigaction and signal.
#ifndef GMEM_TESTS_DOUBLES_KEEP_SIGSYS_H
#define GMEM_TESTS_DOUBLES_KEEP_SIGSYS_H

#include <signal.h>

namespace gmem_kernel {

// From the call on, with this handler; unblocks it in the calling thread.
// False where the kernel refuses.
bool keep_sigsys(void (*handler)(int, siginfo_t*, void*));

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_KEEP_SIGSYS_H
