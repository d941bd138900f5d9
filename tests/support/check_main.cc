// SPDX-License-Identifier: MulanPSL-2.0
// Runs a program's suite and reports in TAP on standard output.
#include "support/check_main.h"

#include <cstdlib>

int main() {
  // A test that hangs fails; a slow machine does not.
  setenv("CK_DEFAULT_TIMEOUT", "120", 0);
  SRunner* runner = srunner_create(test_suite());
  srunner_set_tap(runner, "-");
  srunner_run_all(runner, CK_SILENT);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
