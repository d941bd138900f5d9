/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Threads that do little: each allocates some blocks, frees them, and ends.
 * One after the other, or eight at a time.
 */
#include "heap/block.h"
#include "heap/random.h"
#include "heap/threads.h"

enum { kThreads = 16000, kBlocks = 50, kMostAtOnce = 8 };
enum { kLeastPower = 4, kEndPower = 11 };

static void *live(void *unused) {
  char *blocks[kBlocks];
  struct random source = random_from(1);
  for (int i = 0; i < kBlocks; ++i)
    blocks[i] = new_block(random_size(&source, kLeastPower, kEndPower));
  for (int i = 0; i < kBlocks; ++i) delete_block(blocks[i]);
  return unused;
}

/* task->size: how many at a time. */
void thread_life(const struct task *task) {
  const long rounds = rounds_of(task, kThreads / (long)task->size);
  for (long round = 0; round < rounds; ++round) {
    pthread_t threads[kMostAtOnce];
    for (size_t i = 0; i < task->size; ++i)
      start_thread(&threads[i], live, NULL);
    for (size_t i = 0; i < task->size; ++i) join_thread(threads[i]);
  }
}
