/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Memory is filled with blocks of 16 bytes to 16 KiB; then nine of ten, picked
 * at random, are freed.  The rest stays, and keeps memory from going back.
 */
#include "heap/block.h"
#include "heap/random.h"

enum { kLeastPower = 4, kEndPower = 14, kMeanBlock = 2456 };

/* In full, so that the memory is the program's own. */
static char *new_filled_block(size_t size) {
  char *block = allocate(size);
  memset(block, 1, size);
  memcpy(block, &size, sizeof size);
  memcpy(block + size - sizeof size, &size, sizeof size);
  return block;
}

static void shuffle(char **blocks, size_t count, struct random *source) {
  for (size_t left = count; left > 1; --left) {
    const size_t other = random_below(source, left);
    char *block = blocks[left - 1];
    blocks[left - 1] = blocks[other];
    blocks[other] = block;
  }
}

void fragment(const struct task *task) {
  const size_t count = task->memory / kMeanBlock + 1;
  struct random source = random_from(1);
  char **blocks = allocate(count * sizeof *blocks);
  for (size_t i = 0; i < count; ++i)
    blocks[i] = new_filled_block(random_size(&source, kLeastPower, kEndPower));
  shuffle(blocks, count, &source);
  for (size_t i = count / 10; i < count; ++i) delete_block(blocks[i]);
  free(blocks);
}
