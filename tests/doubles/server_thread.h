// SPDX-License-Identifier: MulanPSL-2.0
// A thread that is started without malloc, from within a signal handler if
// need be.  It has no thread-local variables.
#ifndef GMEM_TESTS_DOUBLES_SERVER_THREAD_H
#define GMEM_TESTS_DOUBLES_SERVER_THREAD_H

namespace gmem_kernel {

// One in each process.  The body may use nothing but raw system calls.
bool start_server_thread(int (*body)(void*));

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_SERVER_THREAD_H
