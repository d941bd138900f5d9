/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Tables of which little is used: the memory that the task names, of which one
 * byte in each MiB is touched, from calloc and from malloc in turn.
 */
#include "heap/block.h"

enum { kRounds = 200 };

static const size_t kTouchedEachMiB = (size_t)1 << 20;

static char *new_table(size_t size, long round) {
  char *table = round % 2 == 0 ? calloc(1, size) : malloc(size);
  if (table == NULL) fail("a table", "no memory");
  __asm__ volatile("" : "+r"(table) : : "memory");
  return table;
}

void sparse(const struct task *task) {
  const long rounds = rounds_of(task, kRounds);
  for (long round = 0; round < rounds; ++round) {
    char *table = new_table(task->memory, round);
    for (size_t at = 0; at < task->memory; at += kTouchedEachMiB) {
      if (round % 2 == 0 && table[at] != 0) fail("calloc", "not zero");
      table[at] = 1;
    }
    free(table);
  }
}
