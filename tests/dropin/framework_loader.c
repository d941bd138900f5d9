/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Loads libgmem as AI frameworks do: by its unversioned name, privately, three
 * functions by name. Threads prefetch and free memory of their own at once.
 * All that three times, with dlclose between. Exits with 3 where there is no
 * library.
 *
 * An argument is a number to be added to the flags of mmap: a framework for NPUs
 * maps its memory with MAP_PEER_SHARED.
 */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "require.h"

enum { kThreads = 8, kTimes = 3, kRounds = 5, kPages = 3, kNoLibrary = 3 };
static const size_t kPage = 2UL << 20;

static int (*prefetch)(unsigned long, size_t, int, void *);
static int (*free_eager)(unsigned long, size_t, void *);
static int (*numa_id)(void);
static int more_flags;

static int all_are(const unsigned char *bytes, size_t size, int value) {
  for (size_t i = 0; i < size; ++i)
    if (bytes[i] != value) return 0;
  return 1;
}

static void *use_memory_of_its_own(void *argument) {
  const int value = 1 + *(int *)argument;
  const size_t size = kPages * kPage;
  unsigned char *mapping =
      mmap(NULL, size + kPage, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | more_flags, -1, 0);
  unsigned char *memory;
  REQUIRE(mapping != MAP_FAILED);
  memory = mapping + (kPage - (unsigned long)mapping % kPage);
  for (int round = 0; round < kRounds; ++round) {
    memset(memory, value, size);
    REQUIRE(prefetch((unsigned long)memory, size, numa_id(), NULL) == 0);
    REQUIRE(all_are(memory, size, value));
    REQUIRE(free_eager((unsigned long)memory, size, NULL) == 0);
    REQUIRE(all_are(memory, size, 0));
  }
  munmap(mapping, size + kPage);
  return NULL;
}

static void use_it_in_threads(void) {
  pthread_t threads[kThreads];
  int numbers[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    numbers[i] = i;
    REQUIRE(pthread_create(&threads[i], NULL, use_memory_of_its_own,
                           &numbers[i]) == 0);
  }
  for (int i = 0; i < kThreads; ++i)
    REQUIRE(pthread_join(threads[i], NULL) == 0);
}

int main(int argc, char **argv) {
  const int preloaded = getenv("LD_PRELOAD") != NULL;
  if (argc == 2) more_flags = (int)strtol(argv[1], NULL, 0);
  for (int time = 0; time < kTimes; ++time) {
    void *library = dlopen("libgmem.so", RTLD_NOW | RTLD_LOCAL);
    if (!library) return kNoLibrary;
    /* POSIX's way to get a function from dlsym. */
    *(void **)&prefetch = dlsym(library, "gmemPrefetch");
    *(void **)&free_eager = dlsym(library, "gmemFreeEager");
    *(void **)&numa_id = dlsym(library, "gmemGetNumaId");
    REQUIRE(prefetch && free_eager && numa_id);
    REQUIRE(preloaded || !dlsym(RTLD_DEFAULT, "gmemPrefetch"));
    use_it_in_threads();
    REQUIRE(dlclose(library) == 0);
  }
  return 0;
}
