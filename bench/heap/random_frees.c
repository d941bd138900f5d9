/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Small blocks of one thread that are freed in random order: many are
 * allocated, mixed, and freed, all of them each time.
 */
#include "heap/block.h"
#include "heap/random.h"

enum { kBlocks = 20000, kRounds = 200 };
enum { kLeastPower = 4, kEndPower = 9 };

static void swap(char **one, char **other) {
  char *block = *one;
  *one = *other;
  *other = block;
}

void random_frees(const struct task *task) {
  static char *blocks[kBlocks];
  struct random source = random_from(1);
  const long rounds = rounds_of(task, kRounds);
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kBlocks; ++i) {
      blocks[i] = new_block(random_size(&source, kLeastPower, kEndPower));
      swap(&blocks[i], &blocks[random_below(&source, (size_t)i + 1)]);
    }
    for (int i = 0; i < kBlocks; ++i) delete_block(blocks[i]);
  }
}
