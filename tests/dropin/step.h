/* SPDX-License-Identifier: MulanPSL-2.0 */
/* Programs of which a script runs one step at a time, each in a process. */
#ifndef GMEM_TESTS_DROPIN_STEP_H
#define GMEM_TESTS_DROPIN_STEP_H

#include <stdio.h>
#include <string.h>

struct Step {
  const char *name;
  void (*run)(void);
};

/* The steps end with one without a name. */
static int run_step(const struct Step *steps, int argc, char **argv) {
  for (; argc == 2 && steps->name; ++steps) {
    if (strcmp(steps->name, argv[1]) != 0) continue;
    steps->run();
    return 0;
  }
  dprintf(2, "there is no such step\n");
  return 2;
}

#endif /* GMEM_TESTS_DROPIN_STEP_H */
