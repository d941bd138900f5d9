/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * The workloads: each file has one, which allocates, frees and then returns.
 * All randomness comes from a fixed seed, so that every allocator is asked for
 * the same blocks in the same order.
 */
#ifndef GMEM_BENCH_HEAP_WORKLOAD_H
#define GMEM_BENCH_HEAP_WORKLOAD_H

#include <stddef.h>

struct task {
  double effort; /* of the usual number of rounds: 1, or less for a trial */
  size_t memory; /* bytes, for a workload that fills memory */
  size_t size;   /* bytes of a block, or threads at a time */
};

void pairs(const struct task *task);
void batches(const struct task *task);
void churn(const struct task *task);
void churn_on_all_cpus(const struct task *task);
void hand_off_one_pair(const struct task *task);
void hand_off_many_pairs(const struct task *task);
void come_and_go(const struct task *task);
void thread_life(const struct task *task);
void random_frees(const struct task *task);
void grow(const struct task *task);
void grow_two(const struct task *task);
void large_random(const struct task *task);
void warm_map(const struct task *task);
void fragment(const struct task *task);
void refill(const struct task *task);
void sparse(const struct task *task);
void sleeping_threads(const struct task *task);

/* Ends the program with a message. */
_Noreturn void fail(const char *what, const char *why);

/* So many rounds as the effort leaves of the usual ones, and one at least. */
static inline long rounds_of(const struct task *task, long usual) {
  const long rounds = (long)((double)usual * task->effort);
  return rounds > 0 ? rounds : 1;
}

#endif /* GMEM_BENCH_HEAP_WORKLOAD_H */
