/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Threads that live shortly: each frees what one before it left, allocates,
 * frees every other block and leaves the rest behind.  So many at once as
 * there are CPUs.
 */
#include "heap/block.h"
#include "heap/random.h"
#include "heap/threads.h"

enum { kThreads = 3000, kBlocks = 2000 };
enum { kLeastPower = 4, kEndPower = 10 };

struct legacy {
  uint64_t seed;
  char *blocks[kBlocks];
};

static void *live_shortly(void *argument) {
  struct legacy *legacy = argument;
  struct random source = random_from(legacy->seed);
  for (int i = 0; i < kBlocks; ++i) {
    delete_block(legacy->blocks[i]);
    legacy->blocks[i] = new_block(random_size(&source, kLeastPower, kEndPower));
  }
  for (int i = 0; i < kBlocks; i += 2) {
    delete_block(legacy->blocks[i]);
    legacy->blocks[i] = NULL;
  }
  return NULL;
}

/* One after another, each heir to the one before. */
static void *raise_threads(void *argument) {
  const struct worker *worker = argument;
  const long count = rounds_of(worker->task, kThreads);
  struct legacy *legacy = calloc(1, sizeof *legacy);
  if (legacy == NULL) fail("calloc", "no memory");
  for (long i = 0; i < count; ++i) {
    pthread_t thread;
    legacy->seed = (uint64_t)i * kMostWorkers + worker->number;
    start_thread(&thread, live_shortly, legacy);
    join_thread(thread);
  }
  for (int i = 0; i < kBlocks; ++i) delete_block(legacy->blocks[i]);
  free(legacy);
  return NULL;
}

void come_and_go(const struct task *task) {
  run_workers(task, usable_cpus(), raise_threads);
}
