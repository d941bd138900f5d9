/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Runs one workload on whichever allocator was preloaded, and writes two lines:
 * seconds of wall time, seconds of CPU time and the peak of resident KiB; and,
 * after some idle seconds, the KiB that are still resident.  Then it waits for
 * the end of its input, so that its own end disturbs no other measurement.
 *
 *   workload NAME OBJECT EFFORT MEMORY IDLE
 *
 * OBJECT is part of the name of the file that malloc must come from, so that
 * a preload that the loader ignored is not taken for another allocator.
 * EFFORT is a part of the usual rounds, MEMORY is in MiB, IDLE in seconds.
 */
#define _GNU_SOURCE
#include "heap/workload.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "heap/resident.h"
#include "support/clock.h"

struct workload {
  const char *name;
  void (*run)(const struct task *task);
  size_t size;
};

static const struct workload workloads[] = {
    {"pair_16", pairs, 16},
    {"pair_256", pairs, 256},
    {"pair_4K", pairs, 4 << 10},
    {"pair_64K", pairs, 64 << 10},
    {"pair_4M", pairs, 4 << 20},
    {"batch_16", batches, 16},
    {"batch_256", batches, 256},
    {"batch_4K", batches, 4 << 10},
    {"random_frees", random_frees, 0},
    {"churn", churn, 0},
    {"churn_threads", churn_on_all_cpus, 0},
    {"hand_off_one", hand_off_one_pair, 0},
    {"hand_off_many", hand_off_many_pairs, 0},
    {"come_and_go", come_and_go, 0},
    {"thread_life", thread_life, 1},
    {"thread_life_8", thread_life, 8},
    {"grow", grow, 0},
    {"grow_two", grow_two, 0},
    {"large_random", large_random, 0},
    {"warm_map", warm_map, 0},
    {"fragment", fragment, 0},
    {"refill", refill, 0},
    {"sparse", sparse, 0},
    {"sleeping_threads", sleeping_threads, 0},
};

_Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "workload: %s: %s\n", what, why);
  _exit(EXIT_FAILURE);
}

static const struct workload *workload_named(const char *name) {
  for (size_t i = 0; i < sizeof workloads / sizeof *workloads; ++i)
    if (strcmp(workloads[i].name, name) == 0) return &workloads[i];
  fail(name, "there is no such workload");
}

static void expect_malloc_from(const char *object) {
  Dl_info info;
  void *symbol = dlsym(RTLD_DEFAULT, "malloc");
  if (symbol == NULL || dladdr(symbol, &info) == 0)
    fail("malloc", "not to be found");
  if (strstr(info.dli_fname, object) == NULL) fail("malloc", info.dli_fname);
}

static double number(const char *text) {
  char *end;
  const double value = strtod(text, &end);
  if (end == text || *end != '\0' || value < 0) fail(text, "not a number");
  return value;
}

/* Of all threads, the ended ones among them. */
static double cpu_seconds(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void measure(const struct workload *workload, const struct task *task) {
  const double cpu = cpu_seconds(), start = now_ns();
  workload->run(task);
  const double end = now_ns();
  dprintf(STDOUT_FILENO, "%.6f %.6f %ld\n", (end - start) / 1e9,
          cpu_seconds() - cpu, peak_resident());
}

static void sleep_for(double seconds) {
  struct timespec left = {.tv_sec = (time_t)seconds};
  left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
  while (nanosleep(&left, &left) != 0) continue;
}

static void wait_for_end_of_input(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
}

int main(int argc, char **argv) {
  if (argc != 6) fail("usage", "workload NAME OBJECT EFFORT MEMORY IDLE");
  const struct workload *workload = workload_named(argv[1]);
  expect_malloc_from(argv[2]);
  const struct task task = {
      .effort = number(argv[3]),
      .memory = (size_t)number(argv[4]) << 20,
      .size = workload->size,
  };
  measure(workload, &task);
  sleep_for(number(argv[5]));
  dprintf(STDOUT_FILENO, "%ld\n", resident());
  wait_for_end_of_input();
  /* No destructor has anything to do with the measurement. */
  _exit(EXIT_SUCCESS);
}
