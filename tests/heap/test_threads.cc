// SPDX-License-Identifier: MulanPSL-2.0
// Threads on the heap: many that come and go, and those that still allocate
// while they end.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/check_main.h"
#include "support/child_process.h"
#include "support/resident_memory.h"
#include "support/run_again.h"

namespace {

void* allocate_and_free(void*) {
  void* blocks[64];
  for (size_t i = 0; i < 64; ++i) {
    blocks[i] = malloc(16 << (i % 10));
    memset(blocks[i], 1, 16);
  }
  for (void* block : blocks) free(block);
  return nullptr;
}

void run_threads(int count) {
  constexpr int kAtOnce = 8;
  for (int done = 0; done < count; done += kAtOnce) {
    pthread_t threads[kAtOnce];
    for (pthread_t& thread : threads)
      ck_assert_int_eq(
          pthread_create(&thread, nullptr, allocate_and_free, nullptr), 0);
    for (pthread_t thread : threads) pthread_join(thread, nullptr);
  }
}

START_TEST(ten_thousand_threads_leave_no_growth) {
  // Huge pages come in steps of 2 MiB, among which growth cannot be told.
  if (getenv("GMEM_CONF") == nullptr) {
    ck_assert_int_eq(run_again_with("huge_pages:never", "growth"), 0);
    return;
  }
  run_threads(10000);  // until each arena has its first pages
  const size_t before = resident_kib();
  run_threads(10000);
  const size_t after = resident_kib();
  // A state of 2.7 KB kept for each thread would show as 27 MB.
  ck_assert_uint_lt(after, before + 4096);
}
END_TEST

// Key destructors run in rounds, some after the heap's own; each allocates.
pthread_key_t late_key;
std::atomic<int> late_rounds{0};

void allocate_late(void* value) {
  ++late_rounds;
  char* const text = static_cast<char*>(malloc(300));
  memset(text, 'x', 300);
  free(text);
  free(value);
  static thread_local int again = 0;
  if (++again < 3) pthread_setspecific(late_key, malloc(40));
}

struct Crowd {
  pthread_barrier_t all_have;
  std::atomic<int> without{0};
};

void* have_a_block(void* argument) {
  auto* const crowd = static_cast<Crowd*>(argument);
  void* const block = malloc(64);
  if (block == nullptr) ++crowd->without;
  pthread_barrier_wait(&crowd->all_have);
  free(block);
  return nullptr;
}

// In a process of its own, which may be refused so many threads: then as many
// as it is given.
int have_threads_at_once(unsigned most) {
  alarm(60);
  static Crowd crowd;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 16 << 10);
  // The barrier is for those that could be made: the first ones wait for it.
  std::vector<pthread_t> threads(most);
  pthread_barrier_init(&crowd.all_have, nullptr, most + 1);
  unsigned count = 0;
  while (count < most &&
         pthread_create(&threads[count], &small, have_a_block, &crowd) == 0)
    ++count;
  if (count < most) return count < 1000 ? 3 : 77;
  pthread_barrier_wait(&crowd.all_have);
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  return crowd.without == 0 ? 0 : 4;
}

START_TEST(thousands_of_threads_have_blocks_at_once) {
  for (const unsigned most : {1500u, 3000u, 12000u, 30000u}) {
    const int result = run_in_child([=] { return have_threads_at_once(most); });
    if (result == 77) break;  // the system allows no more
    ck_assert_int_eq(result, 0);
  }
}
END_TEST

START_TEST(key_destructors_may_allocate_and_free) {
  ck_assert_int_eq(pthread_key_create(&late_key, allocate_late), 0);
  for (int i = 0; i < 200; ++i) {
    std::thread([] {
      pthread_setspecific(late_key, malloc(40));
      allocate_and_free(nullptr);
    }).join();
  }
  ck_assert_int_eq(late_rounds, 600);
  pthread_key_delete(late_key);
}
END_TEST

// Its first allocation is made while the thread ends.
pthread_key_t only_key;

START_TEST(a_threads_first_allocation_may_be_its_last_act) {
  ck_assert_int_eq(
      pthread_key_create(&only_key, [](void*) { free(malloc(100)); }), 0);
  for (int i = 0; i < 200; ++i) {
    pthread_t thread;
    ck_assert_int_eq(pthread_create(
                         &thread, nullptr,
                         [](void*) -> void* {
                           pthread_setspecific(only_key, &only_key);
                           return nullptr;
                         },
                         nullptr),
                     0);
    pthread_join(thread, nullptr);
  }
  pthread_key_delete(only_key);
}
END_TEST

struct LateObject {
  ~LateObject() { free(malloc(1000)); }
  void* block = malloc(10);
};

START_TEST(thread_local_destructors_may_allocate) {
  for (int i = 0; i < 200; ++i) {
    std::thread([] {
      thread_local LateObject object;
      free(object.block);
      object.block = nullptr;
    }).join();
  }
}
END_TEST

// Blocks travel: made by one thread, freed by another that may never have
// allocated anything itself.
START_TEST(blocks_of_an_ended_thread_can_be_freed) {
  std::vector<void*> blocks;
  for (int round = 0; round < 50; ++round) {
    std::thread([&] {
      for (size_t i = 0; i < 1000; ++i) blocks.push_back(malloc(i * 7));
    }).join();
    std::thread([&] {
      for (void* block : blocks) free(block);
    }).join();
    blocks.clear();
  }
}
END_TEST

// A thread's end has its joiner free memory under the C library's lock of its
// stacks; the heap, with much to give back, may wish for a thread just then.
START_TEST(threads_are_joined_beside_memory_that_waits_to_go_back) {
  constexpr std::size_t kStack = std::size_t{256} << 10, kBuffer = 48 << 20;
  const auto stack = static_cast<char*>(aligned_alloc(4096, kStack));
  pthread_attr_t with_stack;
  pthread_attr_init(&with_stack);
  ck_assert_int_eq(pthread_attr_setstack(&with_stack, stack, kStack), 0);
  for (int round = 0; round < 3; ++round) {
    char* const buffer = static_cast<char*>(malloc(kBuffer));
    ck_assert_ptr_nonnull(buffer);
    memset(buffer, 1, kBuffer);
    free(buffer);
    for (int i = 0; i < 9000; ++i) {
      pthread_t thread;
      ck_assert_int_eq(pthread_create(
                           &thread, &with_stack,
                           [](void* argument) { return argument; }, nullptr),
                       0);
      pthread_join(thread, nullptr);
    }
  }
  pthread_attr_destroy(&with_stack);
  free(stack);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("heap threads");
  TCase* group = tcase_create("heap threads");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, thousands_of_threads_have_blocks_at_once);
  tcase_add_test(group, key_destructors_may_allocate_and_free);
  tcase_add_test(group, a_threads_first_allocation_may_be_its_last_act);
  tcase_add_test(group, thread_local_destructors_may_allocate);
  tcase_add_test(group, blocks_of_an_ended_thread_can_be_freed);
  tcase_add_test(group, threads_are_joined_beside_memory_that_waits_to_go_back);
  suite_add_tcase(suite, group);
  TCase* growth = tcase_create("growth");
  tcase_set_timeout(growth, 120);
  tcase_add_test(growth, ten_thousand_threads_leave_no_growth);
  suite_add_tcase(suite, growth);
  return suite;
}
