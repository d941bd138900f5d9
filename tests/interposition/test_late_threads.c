/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Loads libgmem into a process that has a hundred threads already, after the
 * libraries that are named as arguments, each of which counts in thread-local
 * memory of its own; then starts and ends ten thousand threads.  Speaks TAP.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interposition/tap.h"

enum {
  kThreads = 100,
  kShortLived = 10000,
  kAtOnce = 8,
  kMostLibraries = 64,
  kTurns = 50
};

static void *(*gmem_malloc)(size_t);
static void (*gmem_free)(void *);
static int (*turn[kMostLibraries])(void);
static int libraries;
static int holds(const unsigned char *block, size_t size, int mark) {
  for (size_t i = 0; i < size; ++i)
    if (block[i] != mark) return 0;
  return 1;
}

static size_t size_of(int i) { return 16u << i % 10; }

/* Whether all blocks, and all that the libraries counted, stayed as it was. */
static int allocate_and_count(void) {
  unsigned char *blocks[kTurns];
  int right = 1;
  for (int i = 0; i < kTurns; ++i) {
    blocks[i] = gmem_malloc(size_of(i));
    if (!blocks[i]) return 0;
    memset(blocks[i], i, size_of(i));
    for (int k = 0; k < libraries; ++k) right &= turn[k]() == i + 1;
  }
  for (int i = 0; i < kTurns; ++i) {
    right &= holds(blocks[i], size_of(i), i);
    gmem_free(blocks[i]);
  }
  return right;
}

static pthread_barrier_t loaded, allocated, closed;

/* Keeps a block over the library's dlclose. */
static void *live_through_it(void *right) {
  unsigned char *kept;
  pthread_barrier_wait(&loaded);
  *(int *)right = allocate_and_count();
  kept = gmem_malloc(500);
  if (kept) memset(kept, 'k', 500);
  pthread_barrier_wait(&allocated);
  pthread_barrier_wait(&closed);
  *(int *)right &= kept && holds(kept, 500, 'k');
  gmem_free(kept);
  gmem_free(gmem_malloc(700));
  return NULL;
}

static void *live_shortly(void *right) {
  *(int *)right = allocate_and_count();
  return NULL;
}

static int short_lived_threads_are_right(int count) {
  int all = 1;
  while (count > 0) {
    pthread_t threads[kAtOnce];
    int right[kAtOnce];
    for (int i = 0; i < kAtOnce; ++i)
      if (pthread_create(&threads[i], NULL, live_shortly, &right[i]))
        bail_out("no thread");
    for (int i = 0; i < kAtOnce; ++i) {
      pthread_join(threads[i], NULL);
      all &= right[i];
    }
    count -= kAtOnce;
  }
  return all;
}

static long resident_kib(void) {
  char line[256];
  long kib = -1;
  FILE *status = fopen("/proc/self/status", "r");
  if (!status) bail_out("no /proc/self/status");
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
  fclose(status);
  return kib;
}

static void load_the_others(int count, char **paths) {
  for (int i = 0; i < count && i < kMostLibraries; ++i) {
    void *library = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) bail_out(dlerror());
    *(void **)&turn[libraries++] = dlsym(library, "turn");
  }
}

int main(int argc, char **argv) {
  const char *path = getenv("GMEM_LIBRARY");
  static pthread_t threads[kThreads];
  static int right[kThreads];
  int all = 1;
  long before;
  void *library;

  if (!path) bail_out("GMEM_LIBRARY is not set");
  alarm(240); /* a deadlock is a failure, not a hang */
  load_the_others(argc - 1, argv + 1);
  pthread_barrier_init(&loaded, NULL, kThreads + 1);
  pthread_barrier_init(&allocated, NULL, kThreads + 1);
  pthread_barrier_init(&closed, NULL, kThreads + 1);
  for (int i = 0; i < kThreads; ++i)
    if (pthread_create(&threads[i], NULL, live_through_it, &right[i]))
      bail_out("no thread");

  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) bail_out(dlerror());
  *(void **)&gmem_malloc = dlsym(library, "malloc");
  *(void **)&gmem_free = dlsym(library, "free");
  ok(gmem_malloc && gmem_free, "dlopen beside a hundred threads");

  pthread_barrier_wait(&loaded);
  pthread_barrier_wait(&allocated);
  for (int i = 0; i < kThreads; ++i) all &= right[i];
  ok(all, "all of them allocate; others' thread-local memory stays theirs");

  ok(short_lived_threads_are_right(kShortLived), "ten thousand threads");
  before = resident_kib();
  ok(short_lived_threads_are_right(kShortLived), "ten thousand more");
  /* A state of 2.7 KB kept for each thread would show as 27 MB. */
  ok(resident_kib() < before + 8192, "they leave no growth");

  ok(dlclose(library) == 0, "dlclose while blocks are in use");
  pthread_barrier_wait(&closed);
  for (int i = 0; i < kThreads; ++i) {
    pthread_join(threads[i], NULL);
    all &= right[i];
  }
  ok(all, "they keep their contents, and are freed");
  printf("1..%d\n", tests);
  return EXIT_SUCCESS;
}
