/* SPDX-License-Identifier: MulanPSL-2.0 */
/* What holds is passed over in silence; what does not ends the program. */
#ifndef GMEM_TESTS_DROPIN_REQUIRE_H
#define GMEM_TESTS_DROPIN_REQUIRE_H

#include <stdio.h>
#include <unistd.h>

#define REQUIRE(condition) require_(!!(condition), #condition, __LINE__)

static void require_(int holds, const char *condition, int line) {
  if (holds) return;
  dprintf(2, "line %d: not so: %s\n", line, condition);
  _exit(1);
}

#endif /* GMEM_TESTS_DROPIN_REQUIRE_H */
