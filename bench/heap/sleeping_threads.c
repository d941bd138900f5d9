/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A pool of threads: each serves one request with blocks of many sizes, frees
 * them all, and waits for another, which never comes.
 */
#include <unistd.h>

#include "heap/block.h"
#include "heap/threads.h"

enum { kThreads = 32, kMostOfOneSize = 64 };

static const size_t kLeast = 16 << 10, kMost = 8 << 20, kOfOneSize = 1 << 20;

static void serve(void) {
  for (size_t size = kLeast; size <= kMost; size += size / 4) {
    char *blocks[kMostOfOneSize];
    size_t count = kOfOneSize / size;
    if (count < 1) count = 1;
    if (count > kMostOfOneSize) count = kMostOfOneSize;
    for (size_t i = 0; i < count; ++i) blocks[i] = new_touched_block(size);
    for (size_t i = 0; i < count; ++i) delete_block(blocks[i]);
  }
}

static pthread_barrier_t all_have_served;

static void *serve_and_sleep(void *unused) {
  serve();
  pthread_barrier_wait(&all_have_served);
  for (;;) pause();
  return unused;
}

void sleeping_threads(const struct task *task) {
  const unsigned count = (unsigned)rounds_of(task, kThreads);
  if (pthread_barrier_init(&all_have_served, NULL, count + 1) != 0)
    fail("pthread_barrier_init", "no barrier");
  for (unsigned i = 0; i < count; ++i) {
    pthread_t thread;
    start_thread(&thread, serve_and_sleep, NULL);
  }
  pthread_barrier_wait(&all_have_served);
}
