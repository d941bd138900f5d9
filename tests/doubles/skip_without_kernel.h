// SPDX-License-Identifier: MulanPSL-2.0
// For test programs that need the double of the GMEM kernel.
#ifndef GMEM_TESTS_DOUBLES_SKIP_WITHOUT_KERNEL_H
#define GMEM_TESTS_DOUBLES_SKIP_WITHOUT_KERNEL_H

#include <stdio.h>
#include <stdlib.h>

#include <stdexcept>

#include "doubles/gmem_kernel.h"
#include "support/child_process.h"

// Ends the program, in TAP, on a machine that cannot have the double:
// userfaultfd takes root's rights, containers may forbid it.
inline void skip_all_without_gmem_kernel() {
  const int status = run_in_child([] {
    try {
      gmem_kernel::install({});
      return 0;
    } catch (const std::runtime_error& error) {
      printf("1..0 # SKIP no double of the GMEM kernel: %s\n", error.what());
      fflush(stdout);
      return 77;
    }
  });
  if (status == 77) exit(EXIT_SUCCESS);
}

#endif  // GMEM_TESTS_DOUBLES_SKIP_WITHOUT_KERNEL_H
