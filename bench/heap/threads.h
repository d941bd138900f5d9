/* SPDX-License-Identifier: MulanPSL-2.0 */
/* Threads for the workloads that need some. */
#ifndef GMEM_BENCH_HEAP_THREADS_H
#define GMEM_BENCH_HEAP_THREADS_H

#include <pthread.h>

#include "heap/workload.h"

enum { kMostWorkers = 16 };

struct worker {
  const struct task *task;
  unsigned number;
  pthread_t thread;
};

/* At least 2, so that there is always another, and kMostWorkers at most. */
unsigned usable_cpus(void);

void start_thread(pthread_t *thread, void *(*run)(void *), void *argument);
void join_thread(pthread_t thread);

/* Runs a function on so many threads, each told its number, and joins them. */
void run_workers(const struct task *task, unsigned count,
                 void *(*run)(void *worker));

#endif /* GMEM_BENCH_HEAP_THREADS_H */
