// SPDX-License-Identifier: MulanPSL-2.0
// Catches the system calls that a kernel with GMEM would answer otherwise:
// seccomp_front.cc all of them, symbol_front.cc those that are made through
// the C library's functions.
#ifndef GMEM_TESTS_DOUBLES_FRONT_H
#define GMEM_TESTS_DOUBLES_FRONT_H

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {

// For all threads and children of this process.  Throws std::runtime_error.
void catch_system_calls(Generation generation);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_FRONT_H
