/* SPDX-License-Identifier: MulanPSL-2.0 */
/* A block is freed before the next one is allocated, all of one size. */
#include "heap/block.h"

enum { kPairs = 30000000, kLargePairs = 4000000, kLargeBlock = 32 << 10 };

void pairs(const struct task *task) {
  const int large = task->size > kLargeBlock;
  const long count = rounds_of(task, large ? kLargePairs : kPairs);
  for (long i = 0; i < count; ++i) delete_block(new_block(task->size));
}
