// SPDX-License-Identifier: MulanPSL-2.0
// A blocked SIGSYS that a filter raises kills the process, so nobody may
// block it: this directory has its own pthread_sigmask and sigprocmask.
#ifndef GMEM_TESTS_DOUBLES_KEEP_SIGSYS_H
#define GMEM_TESTS_DOUBLES_KEEP_SIGSYS_H

namespace gmem_kernel {

// From the call on; and unblocks it in the calling thread.
void never_block_sigsys();

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_KEEP_SIGSYS_H
