/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A hash map that is large beside the caches and the TLB: it is built, then
 * searched, where each value found is the next key; then all is freed.  Warm,
 * for bench/heap/run has the machine touch that much memory just before.
 */
#include "heap/block.h"
#include "heap/random.h"

enum { kLeastPower = 7, kEndPower = 11, kMeanNode = 720, kSearches = 2000000 };

struct node {
  struct node *next;
  uint64_t key, value;
};

struct map {
  struct node **buckets;
  size_t count;
};

static struct node **bucket_of(const struct map *map, uint64_t key) {
  struct random source = random_from(key);
  return &map->buckets[random_below(&source, map->count)];
}

static struct map build(size_t count) {
  struct map map = {calloc(count, sizeof *map.buckets), count};
  struct random source = random_from(1);
  if (map.buckets == NULL) fail("calloc", "no memory");
  for (uint64_t key = 0; key < count; ++key) {
    const size_t size = random_size(&source, kLeastPower, kEndPower);
    struct node **bucket = bucket_of(&map, key);
    struct node *node = allocate(size);
    memset(node, 0, size);
    node->next = *bucket;
    node->key = key;
    node->value = random_below(&source, count);
    *bucket = node;
  }
  return map;
}

static const struct node *find(const struct map *map, uint64_t key) {
  const struct node *node = *bucket_of(map, key);
  while (node != NULL && node->key != key) node = node->next;
  if (node == NULL) fail("the map", "a key is missing");
  return node;
}

/* The number of the search is added, or else the chain would soon be a ring. */
static void search(const struct map *map, long searches) {
  uint64_t key = 0;
  for (long i = 0; i < searches; ++i)
    key = (find(map, key)->value + (uint64_t)i) % map->count;
}

static void clear(struct map *map) {
  for (size_t i = 0; i < map->count; ++i) {
    struct node *node = map->buckets[i], *next;
    for (; node != NULL; node = next) {
      next = node->next;
      free(node);
    }
  }
  free(map->buckets);
}

void warm_map(const struct task *task) {
  struct map map = build(task->memory / kMeanNode + 1);
  search(&map, rounds_of(task, kSearches));
  clear(&map);
}
