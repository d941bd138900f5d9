/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * malloc and free of one size after another, in pairs and in batches, on
 * whichever allocator the process was given.  Not linked with any: preloading
 * decides, or the library named, which is loaded late.
 *
 *   malloc_pairs COLUMN OBJECT              calls malloc and free
 *   malloc_pairs COLUMN OBJECT --pointers   calls them through pointers
 *   malloc_pairs COLUMN OBJECT LIBRARY      the same of a library loaded late
 *
 * OBJECT is part of the name of the file that malloc must come from, so that
 * a preload that the loader ignored is not taken for another allocator.
 * COLUMN is how the table of support/table.awk names the results.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/clock.h"

enum { kSamples = 9, kBatch = 1000 };
enum { kSmallPairs = 100000, kBatchPairs = 20 * kBatch, kLargePairs = 5000 };

struct allocator {
  void *(*allocate)(size_t);
  void (*release)(void *);
};

static _Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "malloc_pairs: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

/* The compiler must neither drop a pair nor know what is in the block. */
static inline void use(char *block) {
  *block = 1;
  __asm__ volatile("" : : "r"(block) : "memory");
}

/*
 * Inlined into a caller that knows the allocator, the calls are direct.
 * Both return nanoseconds a pair.
 */
static inline __attribute__((always_inline)) double time_pairs(
    struct allocator heap, size_t size, long pairs) {
  const double start = now_ns();
  for (long i = 0; i < pairs; ++i) {
    char *block = heap.allocate(size);
    use(block);
    heap.release(block);
  }
  return (now_ns() - start) / (double)pairs;
}

static inline __attribute__((always_inline)) double time_batches(
    struct allocator heap, size_t size, long pairs) {
  static char *blocks[kBatch];
  const double start = now_ns();
  for (long batch = 0; batch < pairs / kBatch; ++batch) {
    for (int i = 0; i < kBatch; ++i) {
      blocks[i] = heap.allocate(size);
      use(blocks[i]);
    }
    for (int i = 0; i < kBatch; ++i) heap.release(blocks[i]);
  }
  return (now_ns() - start) / (double)pairs;
}

typedef double (*timing)(size_t size, long pairs);

static const struct allocator called = {malloc, free};
static double time_called_pairs(size_t size, long pairs) {
  return time_pairs(called, size, pairs);
}
static double time_called_batches(size_t size, long pairs) {
  return time_batches(called, size, pairs);
}

static struct allocator pointed;
static double time_pointed_pairs(size_t size, long pairs) {
  return time_pairs(pointed, size, pairs);
}
static double time_pointed_batches(size_t size, long pairs) {
  return time_batches(pointed, size, pairs);
}

/* The first sample warms up. */
static void measure(const char *column, const char *row, timing time,
                    size_t size, long pairs) {
  for (int i = -1; i < kSamples; ++i) {
    const double nanoseconds = time(size, pairs);
    if (i >= 0)
      printf("cell\t%s of %zu B\t%s\t%.3f\n", row, size, column, nanoseconds);
  }
}

static void *find(void *library, const char *name, const char *object) {
  Dl_info info;
  void *symbol = dlsym(library, name);
  if (symbol == NULL || dladdr(symbol, &info) == 0)
    fail(name, "not to be found");
  if (strstr(info.dli_fname, object) == NULL) fail(name, info.dli_fname);
  return symbol;
}

int main(int argc, char **argv) {
  static const size_t small[] = {16, 64, 256, 1024, 4096};
  static const size_t large[] = {64 << 10, 4 << 20};
  if (argc < 3)
    fail("usage", "malloc_pairs COLUMN OBJECT [--pointers|LIBRARY]");
  const char *column = argv[1], *object = argv[2];
  const int by_pointer = argc > 3;
  void *library = RTLD_DEFAULT;
  if (by_pointer && strcmp(argv[3], "--pointers") != 0) {
    library = dlopen(argv[3], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) fail("dlopen", dlerror());
  }
  *(void **)&pointed.allocate = find(library, "malloc", object);
  *(void **)&pointed.release = find(library, "free", object);

  const timing pairs = by_pointer ? time_pointed_pairs : time_called_pairs;
  const timing batches =
      by_pointer ? time_pointed_batches : time_called_batches;
  for (size_t i = 0; i < sizeof small / sizeof *small; ++i)
    measure(column, "pair", pairs, small[i], kSmallPairs);
  for (size_t i = 0; i < sizeof small / sizeof *small; ++i)
    measure(column, "batch", batches, small[i], kBatchPairs);
  for (size_t i = 0; i < sizeof large / sizeof *large; ++i)
    measure(column, "pair", pairs, large[i], kLargePairs);
  return EXIT_SUCCESS;
}
