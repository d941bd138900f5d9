/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Blocks that are used and looked at: their first and last bytes hold a mark,
 * by which blocks that overlap are found.
 */
#ifndef GMEM_BENCH_HEAP_BLOCK_H
#define GMEM_BENCH_HEAP_BLOCK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "heap/workload.h"

enum { kLeastBlock = 16, kTouchedEach = 4096 };

/* The compiler must neither drop a block nor know what is in it. */
static inline void *allocate(size_t size) {
  void *block = malloc(size);
  if (block == NULL) fail("malloc", "no memory");
  __asm__ volatile("" : "+r"(block) : : "memory");
  return block;
}

/* Of kLeastBlock bytes or more.  The size is its own mark. */
static inline char *new_block(size_t size) {
  char *block = allocate(size);
  memcpy(block, &size, sizeof size);
  memcpy(block + size - sizeof size, &size, sizeof size);
  return block;
}

/* The same with a write to each kernel page in between. */
static inline char *new_touched_block(size_t size) {
  char *block = allocate(size);
  for (size_t at = 0; at < size; at += kTouchedEach) block[at] = 1;
  memcpy(block, &size, sizeof size);
  memcpy(block + size - sizeof size, &size, sizeof size);
  return block;
}

/* Null may be deleted, too. */
static inline void delete_block(char *block) {
  size_t size, mark;
  if (block == NULL) return;
  memcpy(&size, block, sizeof size);
  if (size < kLeastBlock) fail("a block", "its first bytes have changed");
  memcpy(&mark, block + size - sizeof mark, sizeof mark);
  if (mark != size) fail("a block", "its last bytes have changed");
  free(block);
}

#endif /* GMEM_BENCH_HEAP_BLOCK_H */
