/* SPDX-License-Identifier: MulanPSL-2.0 */
#define _GNU_SOURCE
#include "heap/threads.h"

#include <sched.h>

unsigned usable_cpus(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return kMostWorkers;
  const int count = CPU_COUNT(&set);
  if (count < 2) return 2;
  return count < kMostWorkers ? (unsigned)count : kMostWorkers;
}

void start_thread(pthread_t *thread, void *(*run)(void *), void *argument) {
  if (pthread_create(thread, NULL, run, argument) != 0)
    fail("pthread_create", "no thread");
}

void join_thread(pthread_t thread) {
  if (pthread_join(thread, NULL) != 0) fail("pthread_join", "no such thread");
}

void run_workers(const struct task *task, unsigned count,
                 void *(*run)(void *worker)) {
  struct worker workers[kMostWorkers];
  for (unsigned i = 0; i < count; ++i) {
    workers[i].task = task;
    workers[i].number = i;
    start_thread(&workers[i].thread, run, &workers[i]);
  }
  for (unsigned i = 0; i < count; ++i) join_thread(workers[i].thread);
}
