// SPDX-License-Identifier: MulanPSL-2.0
// Runs the test program anew, with its heap set otherwise.
#ifndef GMEM_TESTS_SUPPORT_RUN_AGAIN_H
#define GMEM_TESTS_SUPPORT_RUN_AGAIN_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/child_process.h"

// On one test case, or on all; its output goes nowhere.  Returns its exit status,
// or -1 where it ended in any other way.
inline int run_again_with(const char* conf, const char* test_case = nullptr) {
  return run_in_child([=] {
    setenv("GMEM_CONF", conf, 1);
    if (test_case != nullptr) setenv("CK_RUN_CASE", test_case, 1);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execl("/proc/self/exe", "again", static_cast<char*>(nullptr));
    return 126;
  });
}

#endif  // GMEM_TESTS_SUPPORT_RUN_AGAIN_H
