/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A program that has used up the keys of thread-specific data when it loads
 * libgmem: the heap, which wants one, serves its threads all the same; and it
 * takes one when there is one again.
 */
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "interposition/tap.h"

static void *(*heap_malloc)(size_t);
static void (*heap_free)(void *);

/* Whether all blocks were there and kept what was written into them. */
static void *use_heap(void *unused) {
  enum { kBlocks = 500 };
  unsigned char *blocks[kBlocks];
  int i, wrong = 0;
  (void)unused;
  for (i = 0; i < kBlocks; ++i) {
    size_t size = (size_t)i * 40 + 1;
    blocks[i] = heap_malloc(size);
    if (blocks[i] != NULL) memset(blocks[i], i & 0xff, size);
  }
  for (i = 0; i < kBlocks; ++i) {
    if (blocks[i] == NULL || blocks[i][i * 40] != (i & 0xff)) ++wrong;
    heap_free(blocks[i]);
  }
  return wrong == 0 ? &heap_malloc : NULL;
}

static int threads_use_heap(void) {
  enum { kThreads = 8, kRounds = 20 };
  int round, i, right = 1;
  for (round = 0; round < kRounds; ++round) {
    pthread_t threads[kThreads];
    for (i = 0; i < kThreads; ++i)
      if (pthread_create(&threads[i], NULL, use_heap, NULL) != 0) return 0;
    for (i = 0; i < kThreads; ++i) {
      void *result = NULL;
      pthread_join(threads[i], &result);
      right = right && result != NULL;
    }
  }
  return right;
}

int main(void) {
  static pthread_key_t keys[PTHREAD_KEYS_MAX];
  const char *library = getenv("GMEM_LIBRARY");
  void *handle;
  int count = 0;

  while (count < PTHREAD_KEYS_MAX &&
         pthread_key_create(&keys[count], NULL) == 0)
    ++count;
  handle = library == NULL ? NULL : dlopen(library, RTLD_NOW | RTLD_LOCAL);
  ok(handle != NULL, "libgmem loads without a key left");
  if (handle == NULL) return printf("1..%d\n", tests) < 0;
  heap_malloc = (void *(*)(size_t))dlsym(handle, "malloc");
  heap_free = (void (*)(void *))dlsym(handle, "free");
  ok(use_heap(NULL) != NULL, "the thread that loads it has blocks");
  ok(threads_use_heap(), "so have others");
  while (count > 0) pthread_key_delete(keys[--count]);
  ok(threads_use_heap(), "and when there are keys again");
  return printf("1..%d\n", tests) < 0;
}
