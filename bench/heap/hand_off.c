/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * One thread allocates, another frees: small blocks in parcels, by a short
 * queue between the two.  One such pair, or one for each CPU.
 */
#include "heap/block.h"
#include "heap/random.h"
#include "heap/threads.h"

enum { kParcel = 256, kQueued = 16, kParcels = 30000 };
enum { kLeastPower = 4, kEndPower = 10 };

struct queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned long put, taken;
  char *parcels[kQueued][kParcel];
};

/* What the two threads of a pair share. */
struct hand_off {
  struct queue queue;
  long parcels;
};

/*
 * A parcel is written and read outside the lock: its place belongs to the one
 * side until the count tells the other.  Both wait asleep, so that CPU time is
 * not spent on waiting.
 */
static char **place_to_put(struct queue *queue) {
  pthread_mutex_lock(&queue->lock);
  while (queue->put - queue->taken == kQueued)
    pthread_cond_wait(&queue->changed, &queue->lock);
  pthread_mutex_unlock(&queue->lock);
  return queue->parcels[queue->put % kQueued];
}

static char **place_to_take(struct queue *queue) {
  pthread_mutex_lock(&queue->lock);
  while (queue->put == queue->taken)
    pthread_cond_wait(&queue->changed, &queue->lock);
  pthread_mutex_unlock(&queue->lock);
  return queue->parcels[queue->taken % kQueued];
}

static void count_one(struct queue *queue, unsigned long *counter) {
  pthread_mutex_lock(&queue->lock);
  ++*counter;
  pthread_cond_signal(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
}

static void *free_all(void *argument) {
  struct hand_off *pair = argument;
  for (long i = 0; i < pair->parcels; ++i) {
    char **parcel = place_to_take(&pair->queue);
    for (int block = 0; block < kParcel; ++block) delete_block(parcel[block]);
    count_one(&pair->queue, &pair->queue.taken);
  }
  return NULL;
}

static void allocate_all(struct hand_off *pair, uint64_t seed) {
  struct random source = random_from(seed);
  for (long i = 0; i < pair->parcels; ++i) {
    char **parcel = place_to_put(&pair->queue);
    for (int block = 0; block < kParcel; ++block)
      parcel[block] = new_block(random_size(&source, kLeastPower, kEndPower));
    count_one(&pair->queue, &pair->queue.put);
  }
}

static void *hand_off(void *argument) {
  const struct worker *worker = argument;
  pthread_t other;
  struct hand_off pair = {
      .queue = {.lock = PTHREAD_MUTEX_INITIALIZER,
                .changed = PTHREAD_COND_INITIALIZER},
      .parcels = rounds_of(worker->task, kParcels),
  };
  start_thread(&other, free_all, &pair);
  allocate_all(&pair, worker->number);
  join_thread(other);
  return NULL;
}

void hand_off_one_pair(const struct task *task) {
  run_workers(task, 1, hand_off);
}

void hand_off_many_pairs(const struct task *task) {
  run_workers(task, usable_cpus(), hand_off);
}
