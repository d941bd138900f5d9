// SPDX-License-Identifier: MulanPSL-2.0
// Answers the CPU's touches of peer-shared memory that is not with the CPU:
// userfaultfd, and a thread that reads it.
#ifndef GMEM_TESTS_DOUBLES_FAULT_SERVER_H
#define GMEM_TESTS_DOUBLES_FAULT_SERVER_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

// Once, before the first process is served.  Throws std::runtime_error.
void prepare_fault_server();

// Sets the double up in the process that calls: at install, and in a forked
// child.  With the lock held; false where it cannot be.
bool serve_this_process();

// Touches of a new mapping in the window are answered from now on.
bool watch_mapping(std::uintptr_t begin, std::size_t size);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_FAULT_SERVER_H
