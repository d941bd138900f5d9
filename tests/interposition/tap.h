/* SPDX-License-Identifier: MulanPSL-2.0 */
/* Programs that speak TAP and are not linked with Check. */
#ifndef GMEM_TESTS_INTERPOSITION_TAP_H
#define GMEM_TESTS_INTERPOSITION_TAP_H

#include <stdio.h>
#include <stdlib.h>

static int tests;

static void ok(int passed, const char *name) {
  printf("%s %d - %s\n", passed ? "ok" : "not ok", ++tests, name);
}

__attribute__((noreturn)) static void bail_out(const char *why) {
  printf("Bail out! %s\n", why);
  exit(EXIT_FAILURE);
}

#endif /* GMEM_TESTS_INTERPOSITION_TAP_H */
