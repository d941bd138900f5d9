// SPDX-License-Identifier: MulanPSL-2.0
// Which system calls are caught.
#ifndef GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H
#define GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H

#include <linux/filter.h>

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {

struct FilterProgram {
  unsigned short size = 0;
  sock_filter code[64] = {};
};

FilterProgram filter_for(Generation generation);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H
