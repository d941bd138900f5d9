/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Memory is filled with blocks of one size, of which two of 128, side by side,
 * stay; the others are freed, and filled in again after a while, in which what
 * went back may come back unasked (khugepaged).
 */
#include <time.h>

#include "heap/block.h"

enum { kSize = 4000, kRounds = 3, kGroup = 128, kKept = 2 };

static void fill(char **blocks, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (blocks[i] == NULL) blocks[i] = new_block(kSize);
}

static void thin_out(char **blocks, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (i % kGroup < kKept) continue;
    delete_block(blocks[i]);
    blocks[i] = NULL;
  }
}

static void wait_a_little(void) {
  const struct timespec second = {.tv_nsec = 200000000};
  nanosleep(&second, NULL);
}

void refill(const struct task *task) {
  const size_t count = task->memory / kSize + 1;
  const long rounds = rounds_of(task, kRounds);
  char **blocks = calloc(count, sizeof *blocks);
  if (blocks == NULL) fail("calloc", "no memory");
  for (long round = 0; round < rounds; ++round) {
    if (round != 0) wait_a_little();
    fill(blocks, count);
    thin_out(blocks, count);
  }
}
