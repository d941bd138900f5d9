/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * How much of a stack each call takes, by the marks that it leaves on one:
 * stack_use NAME [LIMIT] makes the call as the process's first and later, each
 * on a new stack, and exits with 1 where that takes more than the limit.  With
 * "smallest" for the limit the call is made on the smallest stack that a thread
 * can have.  Without arguments lists the names.  NAME "nothing" is what the
 * measure itself takes.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "contract/every_call.h"

static const size_t kStackSize = (size_t)256 << 10;
static const unsigned char kMark = 0xa5;
/* Left alone below the frame that makes the call, for the painting's own. */
static const size_t kOwn = 256;

static const struct every_call *call; /* NULL: nothing is called */
static unsigned char *stack;          /* that is measured, or NULL */
static size_t used;

__attribute__((noinline)) static void *run(void *unused) {
  unsigned char *const top = __builtin_frame_address(0);
  unsigned char *touched = stack;
  attach_device();
  if (stack != NULL) memset(stack, kMark, (size_t)(top - stack) - kOwn);
  if (call != NULL) call->make();
  while (stack != NULL && touched < top - kOwn && *touched == kMark) ++touched;
  used = (size_t)(top - touched);
  return unused;
}

/* Bytes below the frame that makes the call; 0 where it could not be made. */
static size_t measure(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  void *const memory = mmap(NULL, kStackSize, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 0;
  stack = memory;
  pthread_attr_init(&attributes);
  if (pthread_attr_setstack(&attributes, stack, kStackSize) != 0 ||
      pthread_create(&thread, &attributes, run, NULL) != 0)
    return 0;
  pthread_join(thread, NULL);
  return used;
}

static int runs_on_the_smallest(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  if (pthread_attr_setstacksize(&attributes,
                                (size_t)sysconf(_SC_THREAD_STACK_MIN)) != 0 ||
      pthread_create(&thread, &attributes, run, NULL) != 0)
    return 0;
  return pthread_join(thread, NULL) == 0;
}

int main(int argc, char **argv) {
  size_t first, later, limit;
  if (argc == 1) {
    list_calls();
    return 0;
  }
  call = find_call(argv[1]);
  if (call == NULL && strcmp(argv[1], "nothing") != 0) return 2;
  if (argc > 2 && strcmp(argv[2], "smallest") == 0)
    return !(runs_on_the_smallest() && runs_on_the_smallest());
  limit = argc > 2 ? strtoul(argv[2], NULL, 10) : SIZE_MAX;
  first = measure();
  later = measure();
  printf("%zu %zu %s\n", first, later, argv[1]);
  return first == 0 || later == 0 || first > limit || later > limit;
}
