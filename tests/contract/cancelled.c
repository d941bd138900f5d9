/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A thread with a cancellation pending makes a call: cancelled NAME first|warm.
 * NAME is one of every_call.h, or another exported one; first: it is the
 * process's first call of the library.  Then another thread makes the same.
 * Exits with 0 where the call came back, the thread ended by its cancellation
 * thereafter, and no lock stayed behind; without arguments lists the names.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgmem.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract/every_call.h"

static const size_t kSizes[] = {1, 5000, (size_t)3 << 20, (size_t)100 << 20};
enum { kSizeCount = sizeof kSizes / sizeof *kSizes };

/* Looked up, as headers lag behind; not stored in a pointer that a compiler
 * could see through. */
static void *function(const char *name) {
  void *const found = dlsym(RTLD_DEFAULT, name);
  if (found == NULL) {
    fprintf(stderr, "there is no %s\n", name);
    _exit(3);
  }
  return found;
}

static int allocate_1(const char *name) {
  void *(*make)(size_t);
  *(void **)&make = function(name);
  for (int i = 0; i < kSizeCount; ++i) free(make(kSizes[i]));
  return 0;
}
static int allocate_at_64(const char *name) {
  void *(*make)(size_t, size_t);
  *(void **)&make = function(name);
  for (int i = 0; i < kSizeCount; ++i) free(make(64, kSizes[i] & ~(size_t)63));
  return 0;
}
static int allocate_zeroes(const char *name) {
  void *(*make)(size_t, size_t);
  *(void **)&make = function(name);
  for (int i = 0; i < kSizeCount; ++i) free(make(1, kSizes[i]));
  return 0;
}
static int resize(const char *name) {
  void *(*change)(void *, size_t);
  char *block = NULL;
  *(void **)&change = function(name);
  for (int i = 0; i < kSizeCount; ++i) block = change(block, kSizes[i]);
  free(block);
  return 0;
}
static int release(const char *name) {
  void (*end)(void *);
  *(void **)&end = function(name);
  for (int i = 0; i < kSizeCount; ++i) end(malloc(kSizes[i]));
  return 0;
}
static int resize_array(const char *name) {
  char *block = NULL;
  (void)name;
  for (int i = 0; i < kSizeCount; ++i)
    block = reallocarray(block, 1, kSizes[i]);
  free(block);
  return 0;
}
static int allocate_aligned(const char *name) {
  void *block = NULL;
  (void)name;
  for (int i = 0; i < kSizeCount; ++i)
    if (posix_memalign(&block, 64, kSizes[i]) == 0) free(block);
  return 0;
}
static int release_sized(const char *name) {
  void (*end)(void *, size_t);
  *(void **)&end = function(name);
  for (int i = 0; i < kSizeCount; ++i) end(malloc(kSizes[i]), kSizes[i]);
  return 0;
}
static int release_aligned_sized(const char *name) {
  void (*end)(void *, size_t, size_t);
  *(void **)&end = function(name);
  for (int i = 0; i < kSizeCount; ++i) {
    const size_t size = kSizes[i] + 63 & ~(size_t)63;
    end(aligned_alloc(64, size), 64, size);
  }
  return 0;
}
static int ask_for_size(const char *name) {
  size_t (*usable)(void *);
  char *volatile block = malloc(100);
  *(void **)&usable = function(name);
  usable(block);
  free(block);
  return 0;
}
/* What the heap does before and after a fork is called by way of fork. */
static int fork_with_heap(const char *name) {
  char *volatile block = malloc((size_t)20 << 20);
  pid_t child;
  int status = 0, state;
  (void)name;
  block[0] = 1;
  child = fork();
  if (child == 0) {
    free(malloc((size_t)30 << 20));
    _exit(0);
  }
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  while (waitpid(child, &status, 0) == -1 && errno == EINTR) continue;
  pthread_setcancelstate(state, NULL);
  free(block);
  return status;
}

/* What is said goes nowhere, or to a stream in memory. */
static int nowhere = -1;
static int report(const char *name) {
  char *volatile block = malloc(kSizes[2]);
  char *text = NULL;
  size_t length = 0;
  FILE *const file = open_memstream(&text, &length);
  const int standard_error = dup(STDERR_FILENO);
  (void)name;
  malloc_info(0, file);
  dup2(nowhere, STDERR_FILENO);
  malloc_stats();
  dup2(standard_error, STDERR_FILENO);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  mallinfo();
#pragma GCC diagnostic pop
#if __GLIBC_PREREQ(2, 33)
  mallinfo2();
#endif
  fclose(file);
  free(text);
  free(block);
  return 0;
}
static int trim(const char *name) {
  (void)name;
  allocate_1("malloc");
  malloc_trim(0);
  return 0;
}
static int set(const char *name) {
  (void)name;
  return mallopt(M_ARENA_MAX, 1) == 1 ? 0 : 1;
}

static void *do_nothing(void *unused) { return unused; }

/* The library's looks after the heap on the way. */
static int start_thread(const char *name) {
  pthread_t thread;
  int state, error;
  (void)name;
  free(malloc((size_t)100 << 20));
  error = pthread_create(&thread, NULL, do_nothing, NULL);
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  if (error == 0) pthread_join(thread, NULL);
  pthread_setcancelstate(state, NULL);
  return error;
}

static const struct member {
  const char *name;
  int (*make)(const char *name);
} kFamily[] = {
    {"__libc_calloc", allocate_zeroes},
    {"__libc_free", release},
    {"__libc_malloc", allocate_1},
    {"__libc_memalign", allocate_at_64},
    {"__libc_pvalloc", allocate_1},
    {"__libc_realloc", resize},
    {"__libc_valloc", allocate_1},
    {"aligned_alloc", allocate_at_64},
    {"calloc", allocate_zeroes},
    {"cfree", release},
    {"free", allocate_1},
    {"free_aligned_sized", release_aligned_sized},
    {"free_sized", release_sized},
    {"mallinfo", report},
    {"mallinfo2", report},
    {"malloc", allocate_1},
    {"malloc fork", fork_with_heap},
    {"malloc_info", report},
    {"malloc_stats", report},
    {"malloc_trim", trim},
    {"malloc_usable_size", ask_for_size},
    {"mallopt", set},
    {"memalign", allocate_at_64},
    {"posix_memalign", allocate_aligned},
    {"pthread_create", start_thread},
    {"pvalloc", allocate_1},
    {"realloc", resize},
    {"reallocarray", resize_array},
    {"valloc", allocate_1},
};
enum { kFamilyCount = sizeof kFamily / sizeof *kFamily };

/* What is called: one or the other. */
static const struct every_call *call;
static const struct member *member;
static volatile int came_back;

static int choose(const char *name) {
  call = find_call(name);
  for (int i = 0; i < kFamilyCount; ++i)
    if (strcmp(kFamily[i].name, name) == 0) member = &kFamily[i];
  return call != NULL || member != NULL;
}

static void make(void) {
  if (call != NULL)
    call->make();
  else
    member->make(strcmp(member->name, "free") == 0 ? "malloc" : member->name);
}

static void *run(void *is_cancelled) {
  attach_device();
  if (is_cancelled != NULL) pthread_cancel(pthread_self());
  make();
  came_back = 1;
  if (is_cancelled != NULL) pthread_testcancel();
  return NULL;
}

/* Whether the thread made the call, and ended as it should. */
static int ends_well(int is_cancelled) {
  pthread_t thread;
  void *result = NULL;
  came_back = 0;
  if (pthread_create(&thread, NULL, run, is_cancelled ? &thread : NULL) != 0 ||
      pthread_join(thread, &result) != 0)
    return 0;
  return came_back && result == (is_cancelled ? PTHREAD_CANCELED : NULL);
}

int main(int argc, char **argv) {
  if (argc == 1) {
    list_calls();
    for (int i = 0; i < kFamilyCount; ++i) puts(kFamily[i].name);
    return 0;
  }
  nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (argc != 3 || !choose(argv[1])) {
    fprintf(stderr, "%s: not known here\n", argv[1]);
    return 2;
  }
  alarm(20); /* a lock that stayed behind */
  if (strcmp(argv[2], "warm") == 0) gmemDeviceName();
  if (!ends_well(1)) {
    fputs("the cancellation was acted upon inside, or got lost\n", stderr);
    return 1;
  }
  if (!ends_well(0)) return 1;
  printf("%s\n", gmemDeviceName());
  return 0;
}
