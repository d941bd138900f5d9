// SPDX-License-Identifier: MulanPSL-2.0
// Threads whose first allocation comes when no address space is left: it may
// fail, by ENOMEM, but the process lives, and what they free goes back.
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>

#include "support/check_main.h"
#include "support/child_process.h"

namespace {

constexpr unsigned kSecondsUntilHung = 60;
constexpr int kThreads = 1000;
constexpr size_t kStack = 128 << 10;

pthread_barrier_t exhausted;
pthread_barrier_t all_have;
std::atomic<int> wrong{0};
void* given[kThreads];

void use_address_space_up() {
  const rlimit limit = {1, 1};
  if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(2);
}

void* start_without_memory(void* argument) {
  pthread_barrier_wait(&exhausted);
  errno = 0;
  void* const block = malloc(100);
  if (block == nullptr ? errno != ENOMEM : errno != 0) ++wrong;
  if (block != nullptr) memset(block, 1, 100);
  free(*static_cast<void**>(argument));
  // None has ended yet, so none has left its state to another.
  pthread_barrier_wait(&all_have);
  free(block);
  return nullptr;
}

int threads_first_allocate_when_nothing_is_left() {
  alarm(kSecondsUntilHung);
  pthread_barrier_init(&exhausted, nullptr, kThreads + 1);
  pthread_barrier_init(&all_have, nullptr, kThreads + 1);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, kStack);
  static pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    given[i] = malloc(200);
    if (pthread_create(&threads[i], &small, start_without_memory,
                       &given[i]) != 0)
      return 3;
  }
  use_address_space_up();
  pthread_barrier_wait(&exhausted);
  pthread_barrier_wait(&all_have);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  return wrong == 0 ? 0 : 4;
}

START_TEST(a_thousand_threads_start_when_no_address_space_is_left) {
  ck_assert_int_eq(run_in_child(threads_first_allocate_when_nothing_is_left),
                   0);
}
END_TEST

int failures_are_told_and_what_is_freed_serves_again() {
  alarm(kSecondsUntilHung);
  static void* blocks[1 << 16];
  constexpr size_t kSize = 100 << 10;
  use_address_space_up();
  size_t count = 0;
  while (count < 1 << 16 && (blocks[count] = malloc(kSize)) != nullptr)
    ++count;
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
  Suite* suite = suite_create("heap without address space");
  TCase* group = tcase_create("heap without address space");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, a_thousand_threads_start_when_no_address_space_is_left);
  tcase_add_test(group, what_is_freed_serves_again);
  suite_add_tcase(suite, group);
  return suite;
}
