// SPDX-License-Identifier: MulanPSL-2.0
// Threads whose first allocation comes when no memory is to be had, or hardly
// any: it may fail, by ENOMEM, but the process lives, what they free goes back,
// and once there is memory again they get it.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <initializer_list>

#include "support/check_main.h"
#include "support/child_process.h"

namespace {

constexpr unsigned kSecondsUntilHung = 60;
constexpr int kThreads = 3000;
constexpr size_t kStack = 64 << 10;

// A limit below what is in use: RLIMIT_AS or RLIMIT_DATA.
using Resource = decltype(RLIMIT_AS);

pthread_barrier_t exhausted;
pthread_barrier_t all_have;
pthread_barrier_t there_is_room;
std::atomic<int> wrong{0};
void* given[kThreads];

void set_limit(Resource resource, rlim_t bytes) {
  const rlimit limit = {bytes, RLIM_INFINITY};
  if (setrlimit(resource, &limit) != 0) _exit(2);
}

// Null with ENOMEM, or a block that can be written; in neither case is errno
// changed otherwise.
void* allocate(size_t size) {
  errno = 0;
  void* const block = malloc(size);
  if (block == nullptr ? errno != ENOMEM : errno != 0) ++wrong;
  if (block != nullptr) memset(block, 1, size);
  return block;
}

void* start_without_memory(void* argument) {
  pthread_barrier_wait(&exhausted);
  void* const block = allocate(100);
  free(*static_cast<void**>(argument));
  // None has ended yet, so none has left its state to another.
  pthread_barrier_wait(&all_have);
  pthread_barrier_wait(&there_is_room);
  free(block);
  for (size_t size = 16; size <= 64 << 10; size *= 2) {
    void* const later = allocate(size);
    if (later == nullptr) ++wrong;
    free(later);
  }
  return nullptr;
}

int threads_start_without(Resource resource) {
  alarm(kSecondsUntilHung);
  for (pthread_barrier_t* barrier : {&exhausted, &all_have, &there_is_room})
    pthread_barrier_init(barrier, nullptr, kThreads + 1);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, kStack);
  static pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    given[i] = malloc(200);
    if (pthread_create(&threads[i], &small, start_without_memory, &given[i]) !=
        0)
      return 3;
  }
  set_limit(resource, 1);
  pthread_barrier_wait(&exhausted);
  pthread_barrier_wait(&all_have);
  set_limit(resource, RLIM_INFINITY);
  pthread_barrier_wait(&there_is_room);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  return wrong == 0 ? 0 : 4;
}

START_TEST(threads_start_when_no_address_space_is_left) {
  ck_assert_int_eq(
      run_in_child([] { return threads_start_without(RLIMIT_AS); }), 0);
}
END_TEST

START_TEST(threads_start_when_no_data_is_allowed) {
  ck_assert_int_eq(
      run_in_child([] { return threads_start_without(RLIMIT_DATA); }), 0);
}
END_TEST

size_t address_space_in_use() {
  size_t pages = 0;
  FILE* const file = fopen("/proc/self/statm", "r");
  if (file == nullptr || fscanf(file, "%zu", &pages) != 1) _exit(2);
  fclose(file);
  return pages * static_cast<size_t>(getpagesize());
}

void* use_many_sizes(void*) {
  void* blocks[400];
  for (size_t i = 0; i < 400; ++i) blocks[i] = allocate(i * i);
  for (void* block : blocks) free(block);
  return nullptr;
}

// So much is left when a thread of each arena and cache is to begin.
int threads_start_with_room_of(size_t bytes) {
  alarm(kSecondsUntilHung);
  constexpr int kFew = 16;
  pthread_attr_t small;
  pthread_attr_init(&small);
  static char stacks[kFew][kStack] __attribute__((aligned(4096)));
  set_limit(RLIMIT_AS, address_space_in_use() + bytes);
  for (int round = 0; round < 2; ++round) {
    pthread_t threads[kFew];
    int count = 0;
    for (auto& stack : stacks) {
      pthread_attr_setstack(&small, stack, sizeof stack);
      if (pthread_create(&threads[count], &small, use_many_sizes, nullptr) != 0)
        continue;
      ++count;
    }
    for (int i = 0; i < count; ++i) pthread_join(threads[i], nullptr);
    set_limit(RLIMIT_AS, RLIM_INFINITY);
    if (round == 1 && count != kFew) return 3;
  }
  return wrong == 0 ? 0 : 4;
}

START_TEST(threads_start_when_little_address_space_is_left) {
  for (size_t bytes = 0; bytes < 12 << 20; bytes += 132 << 10)
    ck_assert_int_eq(
        run_in_child([=] { return threads_start_with_room_of(bytes); }), 0);
}
END_TEST

int failures_are_told_and_what_is_freed_serves_again() {
  alarm(kSecondsUntilHung);
  static void* blocks[1 << 16];
  constexpr size_t kSize = 100 << 10;
  set_limit(RLIMIT_AS, 1);
  size_t count = 0;
  while (count < 1 << 16 && (blocks[count] = malloc(kSize)) != nullptr) ++count;
  // A heap that had reserved more than that did not come to its end.
  if (count == 1 << 16) return 0;
  if (errno != ENOMEM) return 3;
  for (size_t i = 0; i < count; ++i) free(blocks[i]);
  for (size_t i = 0; i < count / 2; ++i)
    if ((blocks[i] = malloc(kSize)) == nullptr) return 4;
  for (size_t i = 0; i < count / 2; ++i) free(blocks[i]);
  return 0;
}

START_TEST(what_is_freed_serves_again) {
  ck_assert_int_eq(
      run_in_child(failures_are_told_and_what_is_freed_serves_again), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("heap without memory");
  TCase* group = tcase_create("heap without memory");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, threads_start_when_no_address_space_is_left);
  tcase_add_test(group, threads_start_when_no_data_is_allowed);
  tcase_add_test(group, threads_start_when_little_address_space_is_left);
  tcase_add_test(group, what_is_freed_serves_again);
  suite_add_tcase(suite, group);
  return suite;
}
