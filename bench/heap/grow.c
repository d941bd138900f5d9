/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Arrays that grow by realloc in turn, so that what lies behind an array is
 * seldom free: many that stay small, by an eighth at a time; or two that become
 * large, by a step that does not.
 */
#include "heap/block.h"

enum { kArrays = 64, kRounds = 5, kFirst = 64, kEnd = 4 << 20 };

static uint64_t *bigger(uint64_t *array, size_t from, size_t to) {
  array = realloc(array, to * sizeof *array);
  if (array == NULL) fail("realloc", "no memory");
  for (size_t i = from; i < to; ++i) array[i] = i;
  return array;
}

static void check(const uint64_t *array, size_t count) {
  for (size_t i = 0; i < count; i += count / 16)
    if (array[i] != i) fail("realloc", "contents have changed");
}

void grow(const struct task *task) {
  const long rounds = rounds_of(task, kRounds);
  for (long round = 0; round < rounds; ++round) {
    uint64_t *arrays[kArrays] = {NULL};
    size_t count = 0, next = kFirst;
    for (; next * sizeof **arrays <= kEnd; count = next, next += next / 8)
      for (int i = 0; i < kArrays; ++i)
        arrays[i] = bigger(arrays[i], count, next);
    for (int i = 0; i < kArrays; ++i) {
      check(arrays[i], count);
      free(arrays[i]);
    }
  }
}

enum { kTwo = 2, kStep = (4 << 20) / sizeof(uint64_t) };

void grow_two(const struct task *task) {
  const size_t end = task->memory / kTwo / sizeof(uint64_t);
  uint64_t *arrays[kTwo] = {NULL};
  size_t count = 0;
  for (; count < end; count += kStep)
    for (int i = 0; i < kTwo; ++i)
      arrays[i] = bigger(arrays[i], count, count + kStep);
  for (int i = 0; i < kTwo; ++i) {
    if (count != 0) check(arrays[i], count);
    free(arrays[i]);
  }
}
