/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Large blocks of 64 KiB to 32 MiB, of which twenty live at once; each new one
 * takes the place of another, and each of its kernel pages is written to.
 */
#include "heap/block.h"
#include "heap/random.h"

enum { kLive = 20, kReplaced = 1000, kLeastPower = 16, kEndPower = 25 };

void large_random(const struct task *task) {
  const long replaced = rounds_of(task, kReplaced);
  char *blocks[kLive] = {NULL};
  struct random source = random_from(1);
  for (long i = 0; i < replaced; ++i) {
    char **block = &blocks[random_below(&source, kLive)];
    delete_block(*block);
    *block = new_touched_block(random_size(&source, kLeastPower, kEndPower));
  }
  for (int i = 0; i < kLive; ++i) delete_block(blocks[i]);
}
