/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * What malloc needs of the C library on its way to a block, for this library
 * alone.  Another preloaded library (fake time, a tracer, an overlay of files)
 * may have replaced the C library's functions of these names by wrappers that
 * allocate: called from inside malloc, they would call malloc for good.  Being
 * hidden, these are found for all references from within the library, and by
 * nobody else.
 *
 * They make the system call, or read what the kernel has left in the process,
 * and set errno as usual.  None is a cancellation point.  src/own_clock.c has one
 * more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/system_call.h"

#define OWN __attribute__((visibility("hidden")))

static long call(long number, long a, long b, long c, long d, long e, long f) {
  const long result = gmem_system_call(number, a, b, c, d, e, f);
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

static void read_arguments(va_list list, long *arguments, int count) {
  for (int i = 0; i < count; ++i) arguments[i] = va_arg(list, long);
}

OWN long syscall(long number, ...) {
  va_list list;
  long arguments[6];
  va_start(list, number);
  read_arguments(list, arguments, 6);
  va_end(list);
  return call(number, arguments[0], arguments[1], arguments[2], arguments[3],
              arguments[4], arguments[5]);
}

OWN void *mmap(void *address, size_t length, int protection, int flags, int fd,
               off_t offset) {
  return (void *)call(SYS_mmap, (long)address, (long)length, protection, flags,
                      fd, offset);
}

OWN int munmap(void *address, size_t length) {
  return (int)call(SYS_munmap, (long)address, (long)length, 0, 0, 0, 0);
}

OWN int mprotect(void *address, size_t length, int protection) {
  return (int)call(SYS_mprotect, (long)address, (long)length, protection, 0, 0,
                   0);
}

OWN int madvise(void *address, size_t length, int advice) {
  return (int)call(SYS_madvise, (long)address, (long)length, advice, 0, 0, 0);
}

OWN void *mremap(void *address, size_t length, size_t new_length, int flags,
                 ...) {
  va_list list;
  long new_address = 0;
  va_start(list, flags);
  if (flags & MREMAP_FIXED) read_arguments(list, &new_address, 1);
  va_end(list);
  return (void *)call(SYS_mremap, (long)address, (long)length, (long)new_length,
                      flags, new_address, 0);
}

OWN int prctl(int option, ...) {
  va_list list;
  long arguments[4];
  va_start(list, option);
  read_arguments(list, arguments, 4);
  va_end(list);
  return (int)call(SYS_prctl, option, arguments[0], arguments[1], arguments[2],
                   arguments[3], 0);
}

/* What the kernel has no word on is unset. */
OWN int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *cpus) {
  const long written =
      call(SYS_sched_getaffinity, thread, (long)size, (long)cpus, 0, 0, 0);
  if (written < 0) return -1;
  memset((char *)cpus + written, 0, size - (size_t)written);
  return 0;
}

OWN int open(const char *path, int flags, ...) {
  va_list list;
  int mode = 0;
  va_start(list, flags);
  if (flags & O_CREAT) mode = va_arg(list, int);
  va_end(list);
  return (int)call(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

OWN ssize_t read(int fd, void *buffer, size_t size) {
  return call(SYS_read, fd, (long)buffer, (long)size, 0, 0, 0);
}

OWN int close(int fd) { return (int)call(SYS_close, fd, 0, 0, 0, 0, 0); }

OWN int getpagesize(void) { return (int)getauxval(AT_PAGESZ); }

/* Of the processors, those that the process may use: nobody asks for others. */
OWN long sysconf(int name) {
  cpu_set_t cpus[8];
  switch (name) {
    case _SC_PAGESIZE:
      return getpagesize();
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
      if (sched_getaffinity(0, sizeof cpus, cpus) != 0) return 1;
      return CPU_COUNT_S(sizeof cpus, cpus);
    default:
      errno = EINVAL;
      return -1;
  }
}

OWN char *secure_getenv(const char *name) {
  const size_t length = strlen(name);
  if (getauxval(AT_SECURE) != 0 || environ == NULL) return NULL;
  for (char **entry = environ; *entry != NULL; ++entry)
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
      return *entry + length + 1;
  return NULL;
}
