/* SPDX-License-Identifier: MulanPSL-2.0 */
/* A thousand blocks of one size live at once, then all are freed. */
#include "heap/block.h"

enum { kBatch = 1000, kBatches = 16000, kFewBatches = 1000, kManyBytes = 1024 };

void batches(const struct task *task) {
  static char *blocks[kBatch];
  const long usual = task->size > kManyBytes ? kFewBatches : kBatches;
  const long count = rounds_of(task, usual);
  for (long batch = 0; batch < count; ++batch) {
    for (int i = 0; i < kBatch; ++i) blocks[i] = new_block(task->size);
    for (int i = 0; i < kBatch; ++i) delete_block(blocks[i]);
  }
}
