/* SPDX-License-Identifier: MulanPSL-2.0 */
/* Time as the benchmarks take it.  C and C++. */
#ifndef GMEM_BENCH_CLOCK_H
#define GMEM_BENCH_CLOCK_H

#include <time.h>

/* Nanoseconds since some fixed moment. */
static inline double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

#endif /* GMEM_BENCH_CLOCK_H */
