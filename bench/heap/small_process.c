/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A process that allocates a little and ends: what an allocator costs at the
 * start and the exit of each command.  With an argument it says what it had
 * resident at the most, in KiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap/resident.h"

enum { kBlocks = 200, kLargeBlock = 64 << 10 };

int main(int argc, char **argv) {
  char *blocks[kBlocks], *large = malloc(kLargeBlock);
  (void)argv;
  if (large == NULL) return EXIT_FAILURE;
  memset(large, 1, kLargeBlock);
  for (size_t i = 0; i < kBlocks; ++i) {
    blocks[i] = malloc(16 + i);
    if (blocks[i] == NULL) return EXIT_FAILURE;
    memset(blocks[i], 1, 16 + i);
  }
  for (int i = 0; i < kBlocks; ++i) free(blocks[i]);
  free(large);
  if (argc > 1) dprintf(STDOUT_FILENO, "%ld\n", peak_resident());
  return EXIT_SUCCESS;
}
