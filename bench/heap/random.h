/* SPDX-License-Identifier: MulanPSL-2.0 */
/* Numbers that are the same in every run. */
#ifndef GMEM_BENCH_HEAP_RANDOM_H
#define GMEM_BENCH_HEAP_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Spreads a number over all 64 bits, one to one (the finisher of splitmix). */
static inline uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

struct random {
  uint64_t state;
};

static inline struct random random_from(uint64_t seed) {
  const struct random source = {mix(seed)};
  return source;
}

static inline uint64_t next_random(struct random *source) {
  source->state += 0x9e3779b97f4a7c15u;
  return mix(source->state);
}

/* Below the limit, which is far below 2 to the 32nd. */
static inline size_t random_below(struct random *source, size_t limit) {
  return (size_t)(((next_random(source) >> 32) * limit) >> 32);
}

/*
 * From 2 to the LOW up to below 2 to the HIGH, each power of two as often as
 * any other: the mean is near a fifth of the greatest, the median far lower.
 */
static inline size_t random_size(struct random *source, unsigned low,
                                 unsigned high) {
  const size_t power = (size_t)1 << (low + random_below(source, high - low));
  return power + (size_t)(next_random(source) & (power - 1));
}

#endif /* GMEM_BENCH_HEAP_RANDOM_H */
