/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * For test_wrapping.sh: a library to preload beside the heap, as those that fake
 * the time, overlay files or trace calls are: its functions stand for the C
 * library's, allocate, and go on to those.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Without a thought of being called from within malloc: the heap has no need of
 * any of these there. */
static void allocate(void) {
  char *block = malloc(77);
  if (!block) abort();
  memset(block, 1, 77);
  block = realloc(block, 100000);
  if (!block) abort();
  free(block);
}

#define NEXT(name)                                        \
  ({                                                      \
    static __typeof(name) *next;                          \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name); \
    next;                                                 \
  })

#define WRAP(result, name, parameters, arguments) \
  result name parameters {                        \
    allocate();                                   \
    return NEXT(name) arguments;                  \
  }

WRAP(void *, mmap, (void *a, size_t l, int p, int f, int fd, off_t o),
     (a, l, p, f, fd, o))
WRAP(int, munmap, (void *a, size_t l), (a, l))
WRAP(int, madvise, (void *a, size_t l, int v), (a, l, v))
WRAP(int, mprotect, (void *a, size_t l, int p), (a, l, p))
WRAP(int, clock_gettime, (clockid_t c, struct timespec *t), (c, t))
WRAP(char *, getenv, (const char *n), (n))
WRAP(char *, secure_getenv, (const char *n), (n))
WRAP(int, getpagesize, (void), ())
WRAP(long, sysconf, (int n), (n))
WRAP(int, sched_getaffinity, (pid_t p, size_t s, cpu_set_t *c), (p, s, c))
WRAP(ssize_t, read, (int fd, void *b, size_t n), (fd, b, n))
WRAP(ssize_t, readlink, (const char *p, char *b, size_t n), (p, b, n))
WRAP(int, close, (int fd), (fd))
WRAP(int, pthread_mutex_lock, (pthread_mutex_t * m), (m))
WRAP(int, pthread_mutex_unlock, (pthread_mutex_t * m), (m))
WRAP(int, pthread_key_create, (pthread_key_t * k, void (*d)(void *)), (k, d))
WRAP(int, pthread_setspecific, (pthread_key_t k, const void *v), (k, v))

long syscall(long number, ...) {
  va_list list;
  long a[6];
  va_start(list, number);
  for (int i = 0; i < 6; ++i) a[i] = va_arg(list, long);
  va_end(list);
  allocate();
  return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int open(const char *path, int flags, ...) {
  va_list list;
  int mode;
  va_start(list, flags);
  mode = va_arg(list, int);
  va_end(list);
  allocate();
  return NEXT(open)(path, flags, mode);
}

int prctl(int option, ...) {
  va_list list;
  long a[4];
  va_start(list, option);
  for (int i = 0; i < 4; ++i) a[i] = va_arg(list, long);
  va_end(list);
  allocate();
  return NEXT(prctl)(option, a[0], a[1], a[2], a[3]);
}
