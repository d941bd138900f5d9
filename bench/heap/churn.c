/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Small blocks of 16 to 1024 bytes, small ones the most, live for a random
 * time: each new one takes the place of another.  On one thread, or on as many
 * as there are CPUs, each with blocks of its own.
 */
#include "heap/block.h"
#include "heap/random.h"
#include "heap/threads.h"

enum { kLive = 100000, kReplaced = 8000000 };
enum { kLeastPower = 4, kEndPower = 10 };

static void churn_from(uint64_t seed, long live, long replaced) {
  struct random source = random_from(seed);
  char **blocks = calloc((size_t)live, sizeof *blocks);
  if (blocks == NULL) fail("calloc", "no memory");
  for (long i = 0; i < replaced; ++i) {
    char **block = &blocks[random_below(&source, (size_t)live)];
    delete_block(*block);
    *block = new_block(random_size(&source, kLeastPower, kEndPower));
  }
  for (long i = 0; i < live; ++i) delete_block(blocks[i]);
  free(blocks);
}

void churn(const struct task *task) {
  churn_from(1, rounds_of(task, kLive), rounds_of(task, kReplaced));
}

static void *churn_on_one(void *argument) {
  const struct worker *worker = argument;
  churn_from(worker->number, rounds_of(worker->task, kLive),
             rounds_of(worker->task, kReplaced));
  return NULL;
}

void churn_on_all_cpus(const struct task *task) {
  run_workers(task, usable_cpus(), churn_on_one);
}
