/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * For test_scarce_start.sh: allocates with as little address space as the
 * program was started with, and again when there is enough.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Whether there is a block, or the right error. */
static int allocates(size_t size, int must) {
  char *block;
  errno = 0;
  block = malloc(size);
  if (!block) return !must && errno == ENOMEM;
  memset(block, 1, size);
  free(block);
  return 1;
}

int main(void) {
  static const size_t sizes[] = {100, 5000, 100000, 5000000};
  struct rlimit limit;
  for (int i = 0; i < 4; ++i)
    if (!allocates(sizes[i], 0)) return 2;
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 3;
  for (int i = 0; i < 4; ++i)
    if (!allocates(sizes[i], 1)) return 4;
  return 0;
}
