// SPDX-License-Identifier: MulanPSL-2.0
// What each test program defines; main() is in check_main.cc.
#ifndef GMEM_TESTS_SUPPORT_CHECK_MAIN_H
#define GMEM_TESTS_SUPPORT_CHECK_MAIN_H

#include <check.h>

// An old macro of Check's that takes a common name.
#undef fail

Suite* test_suite();

#endif  // GMEM_TESTS_SUPPORT_CHECK_MAIN_H
