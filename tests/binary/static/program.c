/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A program that has libgmem in itself: its heap, its calls, threads and fork.
 * Speaks TAP.  Memory of another heap's would end it (conf check:on).
 */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <libgmem.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interposition/tap.h"

enum { kForks = 10, kThreads = 2, kShortThreads = 300, kBlocks = 16 };

static int libc_takes_our_memory(void) {
  char *copy = strdup("made by libc"), *text = NULL, *line = NULL;
  size_t room = 0;
  FILE *file = tmpfile();
  if (!copy || !file || asprintf(&text, "%0100000d\n", 7) != 100001) return 0;
  fputs(text, file);
  rewind(file);
  if (getline(&line, &room, file) != 100001) return 0;
  fclose(file);
  gmemFree(copy);
  gmemFree(text);
  gmemFree(line);
  return 1;
}

static int calls_work(void) {
  size_t size = 2 * GMEM_PAGE_SIZE, held = 0;
  char *data = aligned_alloc(GMEM_PAGE_SIZE, size);
  unsigned long start = (unsigned long)data;
  if (!data || gmemPrefetch(start, size, gmemGetNumaId(), NULL) != 0) return 0;
  if (gmemFreeEager(start, GMEM_PAGE_SIZE, NULL) != 0) return 0;
  if (gmemGetResidentSize(start, size, GMEM_ANY_NODE, &held) != 0) return 0;
  free(data);
  return held == GMEM_PAGE_SIZE;
}

static int node_memory_works(void) {
  char *data = gmemAlloc(100000, gmemGetNumaId());
  if (!data) return 0;
  memset(data, 1, 100000);
  free(data);
  return 1;
}

static int stream_works(void) {
  char *data = aligned_alloc(GMEM_PAGE_SIZE, GMEM_PAGE_SIZE);
  void *stream = NULL;
  if (!data || gmemStreamCreate(&stream) != 0) return 0;
  data[0] = 1;
  if (gmemFreeEager((unsigned long)data, GMEM_PAGE_SIZE, stream) != 0) return 0;
  if (gmemStreamDestroy(stream) != 0 || data[0] != 0) return 0;
  free(data);
  return 1;
}

static atomic_bool stop;

/* A node's blocks pass by the thread's cache, so that a lock is held often. */
static void *allocate_until_stopped(void *unused) {
  const int node = gmemGetNumaId();
  while (!atomic_load(&stop)) gmemFree(gmemAlloc(100, node));
  return unused;
}

static int child_works(pid_t child) {
  int status = -1;
  if (child == 0) {
    alarm(60);
    _exit(!(libc_takes_our_memory() && node_memory_works() && stream_works()));
  }
  return waitpid(child, &status, 0) == child && status == 0;
}

/* A child of fork that finds a lock held would wait for ever. */
static int forks_beside_threads_work(void) {
  pthread_t threads[kThreads];
  int good = 0;
  alarm(60);
  for (int i = 0; i < kThreads; ++i)
    if (pthread_create(&threads[i], NULL, allocate_until_stopped, NULL) != 0)
      bail_out("no thread");
  for (int i = 0; i < kForks; ++i) good += child_works(fork());
  atomic_store(&stop, 1);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  alarm(0);
  return good == kForks;
}

static void *leave_blocks_in_cache(void *unused) {
  void *blocks[kBlocks];
  for (int i = 0; i < kBlocks; ++i) blocks[i] = malloc(30000);
  for (int i = 0; i < kBlocks; ++i) free(blocks[i]);
  return unused;
}

/* What their caches held would show in the line about the heap. */
static int threads_come_and_go(void) {
  for (int i = 0; i < kShortThreads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, leave_blocks_in_cache, NULL) != 0)
      return 0;
    pthread_join(thread, NULL);
  }
  return 1;
}

int main(void) {
  ok(libc_takes_our_memory(), "what libc allocates is the heap's");
  ok(calls_work(), "prefetch, eager free, resident size");
  ok(node_memory_works(), "a node's memory");
  ok(stream_works(), "a stream");
  ok(forks_beside_threads_work(), "fork beside threads");
  ok(threads_come_and_go(), "threads come and go");
  printf("1..%d\n", tests);
}
