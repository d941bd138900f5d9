/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Loads libgmem into a running program, as frameworks do: threads that were
 * there before, that start meanwhile and that start afterwards allocate from
 * it, and go on after dlclose.  Speaks TAP.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interposition/tap.h"

enum { kThreads = 8, kSlots = 64, kRounds = 20000 };
static const size_t kPage = 2UL << 20;

/* What is used of the library. */
static struct {
  void *(*malloc)(size_t);
  void (*free)(void *);
  int (*prefetch)(unsigned long, size_t, int, void *);
  int (*numa_id)(void);
  void (*free_sized)(void *, size_t);
  void (*free_aligned_sized)(void *, size_t, size_t);
  void (*cfree)(void *);
} gmem;

static int holds(const unsigned char *block, size_t size, int mark) {
  return block[0] == mark && block[size / 2] == mark && block[size - 1] == mark;
}

/* Returns how many blocks did not hold what had been written to them. */
static long churn(unsigned seed, long rounds) {
  unsigned char *slots[kSlots] = {NULL};
  size_t sizes[kSlots] = {0};
  long wrong = 0;
  while (rounds-- > 0) {
    unsigned i;
    seed = seed * 1103515245u + 12345u;
    i = seed >> 8 & (kSlots - 1);
    if (slots[i] && !holds(slots[i], sizes[i], (int)i)) ++wrong;
    gmem.free(slots[i]);
    sizes[i] = 1 + (seed >> 4) % (seed & 64 ? 100000 : 500);
    slots[i] = gmem.malloc(sizes[i]);
    if (!slots[i]) return wrong + 1;
    memset(slots[i], (int)i, sizes[i]);
  }
  for (unsigned i = 0; i < kSlots; ++i) gmem.free(slots[i]);
  return wrong;
}

static pthread_barrier_t loaded;
static pthread_barrier_t half_way;
static pthread_barrier_t closed;
static atomic_long wrong_blocks;

static void *allocate_before_and_after_close(void *argument) {
  unsigned seed = (unsigned)(uintptr_t)argument;
  pthread_barrier_wait(&loaded);
  wrong_blocks += churn(seed, kRounds);
  pthread_barrier_wait(&half_way);
  pthread_barrier_wait(&closed);
  wrong_blocks += churn(seed + 1, kRounds);
  return NULL;
}

static void *allocate_once(void *argument) {
  wrong_blocks += churn((unsigned)(uintptr_t)argument, 100);
  return NULL;
}

/* Threads that are born while the library is being loaded. */
static atomic_int loading = 1;

static void *nothing(void *argument) {
  while (loading && argument) usleep(100);
  if (!loading) wrong_blocks += churn(7, 50);
  return NULL;
}

static void *start_threads(void *argument) {
  (void)argument;
  while (loading) {
    pthread_t born[4];
    for (int i = 0; i < 4; ++i)
      if (pthread_create(&born[i], NULL, nothing, i == 3 ? &born : NULL))
        bail_out("no thread");
    for (int i = 0; i < 4; ++i) pthread_join(born[i], NULL);
  }
  return NULL;
}

static void *load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) bail_out(dlerror());
  /* POSIX's way to get a function from dlsym. */
  *(void **)&gmem.malloc = dlsym(library, "malloc");
  *(void **)&gmem.free = dlsym(library, "free");
  *(void **)&gmem.prefetch = dlsym(library, "gmemPrefetch");
  *(void **)&gmem.numa_id = dlsym(library, "gmemGetNumaId");
  *(void **)&gmem.free_sized = dlsym(library, "free_sized");
  *(void **)&gmem.free_aligned_sized = dlsym(library, "free_aligned_sized");
  *(void **)&gmem.cfree = dlsym(library, "cfree");
  return library;
}

static int prefetches(void) {
  void *block = gmem.malloc(8 * kPage);
  int error =
      gmem.prefetch((unsigned long)block, 8 * kPage, gmem.numa_id(), NULL);
  gmem.free(block);
  return block && error == 0;
}

/* Names that the C library has not, or not for new programs, are called with
 * blocks of its heap, and with ours. */
static void free_by_names(void *(*make)(size_t)) {
  static const size_t sizes[] = {1, 24, 100, 4000, 100000, 3000000};
  for (unsigned i = 0; i < 6; ++i) {
    for (int j = 0; j < 1000; ++j) gmem.free_sized(make(sizes[i]), sizes[i]);
    gmem.free_aligned_sized(make(sizes[i]), 16, sizes[i]);
    gmem.cfree(make(sizes[i]));
  }
}

static int child_allocates(void) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    alarm(60); /* a deadlock is a failure, not a hang */
    _exit(churn(99, kRounds) != 0);
  }
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(void) {
  const char *path = getenv("GMEM_LIBRARY");
  pthread_t before[kThreads], after[kThreads], starter;
  void *library;
  void *(*first_malloc)(size_t);

  if (!path) bail_out("GMEM_LIBRARY is not set");
  pthread_barrier_init(&loaded, NULL, kThreads + 1);
  pthread_barrier_init(&half_way, NULL, kThreads + 1);
  pthread_barrier_init(&closed, NULL, kThreads + 1);
  for (uintptr_t i = 0; i < kThreads; ++i)
    pthread_create(&before[i], NULL, allocate_before_and_after_close,
                   (void *)(i + 1));
  pthread_create(&starter, NULL, start_threads, NULL);
  usleep(20000);

  library = load(path);
  loading = 0;
  pthread_join(starter, NULL);
  ok(gmem.malloc && gmem.free && gmem.prefetch && gmem.numa_id,
     "dlopen while threads start, and dlsym");
  ok((void *)gmem.malloc != (void *)malloc,
     "the program's own malloc stays libc's");
  ok(prefetches(), "gmemPrefetch of a block of its heap");

  free_by_names(malloc);
  free_by_names(gmem.malloc);
  ok(churn(3, kRounds) == 0, "free_sized and its like know whose a block is");

  pthread_barrier_wait(&loaded);
  ok(child_allocates(), "a child forked beside busy threads allocates");
  for (uintptr_t i = 0; i < kThreads; ++i)
    pthread_create(&after[i], NULL, allocate_once, (void *)(i + 100));
  for (int i = 0; i < kThreads; ++i) pthread_join(after[i], NULL);
  pthread_barrier_wait(&half_way);
  ok(wrong_blocks == 0, "threads from before and after dlopen allocate");

  first_malloc = gmem.malloc;
  ok(dlclose(library) == 0, "dlclose while its threads live");
  pthread_barrier_wait(&closed);
  for (int i = 0; i < kThreads; ++i) pthread_join(before[i], NULL);
  ok(wrong_blocks == 0, "they go on, and end");

  load(path);
  ok(gmem.malloc == first_malloc, "dlopen again finds it in its place");
  ok(churn(5, kRounds) == 0, "and it allocates");
  printf("1..%d\n", tests);
  return EXIT_SUCCESS;
}
