/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * clock_gettime for this library alone, as in src/own_calls.c: by the kernel's code
 * in the process (vdso), which is no system call, and is what the C library's own
 * comes to.  A system call until that is found, and where there is none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>

#include "core/system_call.h"

#if defined(__x86_64__)
#define CLOCK_NAME "__vdso_clock_gettime"
#else
#define CLOCK_NAME "__kernel_clock_gettime"
#endif

typedef int clock_function(clockid_t, struct timespec *);

static clock_function *_Atomic kernels_clock;

/* dlopen gives the loader's own entry, which is never unloaded. */
__attribute__((constructor)) static void find_kernels_clock(void) {
  clock_function *found = NULL;
  void *const vdso =
      dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  if (vdso == NULL) return;
  *(void **)&found = dlsym(vdso, CLOCK_NAME);
  kernels_clock = found;
}

__attribute__((visibility("hidden"))) int clock_gettime(clockid_t clock,
                                                        struct timespec *time) {
  clock_function *const function = kernels_clock;
  const long result =
      function != NULL
          ? function(clock, time)
          : gmem_system_call(SYS_clock_gettime, clock, (long)time, 0, 0, 0, 0);
  if (result == 0) return 0;
  errno = (int)-result;
  return -1;
}
