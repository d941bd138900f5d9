// SPDX-License-Identifier: MulanPSL-2.0
// Memory that was freed goes back though the program does nothing more: in a
// program of one thread, which stays so, in its last calls of free; in one of
// several threads, by a thread of the heap's.
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "support/check_main.h"
#include "support/child_process.h"
#include "support/resident_memory.h"

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;

int thread_count() {
  DIR* const threads = opendir("/proc/self/task");
  if (threads == nullptr) return -1;
  int count = 0;
  while (const dirent* entry = readdir(threads))
    count += entry->d_name[0] != '.';
  closedir(threads);
  return count;
}

long page_faults() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// Waits long enough for the slowest machine, and allocates nothing meanwhile
// but what reading /proc takes.
template <typename Condition>
bool comes_true(const Condition& condition) {
  for (int i = 0; i < 600; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(50));
  }
  return false;
}

std::vector<char*> filled_blocks(std::size_t total, std::size_t size) {
  std::vector<char*> blocks(total / size);
  for (char*& block : blocks) {
    block = static_cast<char*>(malloc(size));
    memset(block, 1, size);
  }
  return blocks;
}

// The heap has a thread where the program has had one.
void have_a_thread() {
  std::thread([] {}).join();
}

START_TEST(a_freed_heap_goes_back) {
  const std::size_t before = resident_kib();
  for (char* block : filled_blocks(256 * kMiB, 3000)) free(block);
  ck_assert_uint_lt((resident_kib() - before) * kKiB, 48 * kMiB);
  ck_assert_int_eq(thread_count(), 1);
}
END_TEST

START_TEST(a_freed_heap_goes_back_by_a_thread) {
  have_a_thread();
  ck_assert_int_eq(thread_count(), 2);
  const std::size_t before = resident_kib();
  for (int round = 0; round < 3; ++round) {
    for (char* block : filled_blocks(256 * kMiB, 3000)) free(block);
    ck_assert(comes_true(
        [&] { return (resident_kib() - before) * kKiB < 32 * kMiB; }));
  }
  ck_assert_int_eq(thread_count(), 2);
}
END_TEST

// As fopen and its like do meanwhile: too little for a look at the heap.
START_TEST(what_is_left_of_a_burst_is_little) {
  const std::size_t before = resident_kib();
  std::vector<char*> blocks = filled_blocks(240 * kMiB, 4000);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (i % 128 > 1) free(blocks[i]);
  ck_assert_uint_lt((resident_kib() - before) * kKiB, 60 * kMiB);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (i % 128 <= 1) free(blocks[i]);
}
END_TEST

// Programs that use again what they have freed are not made to fetch it from
// the kernel each time.
START_TEST(what_comes_and_goes_stays) {
  const auto come_and_go = [] {
    for (char* block : filled_blocks(128 * kMiB, 64 * kKiB)) free(block);
  };
  for (int round = 0; round < 6; ++round) come_and_go();
  const long before = page_faults();
  for (int round = 0; round < 10; ++round) come_and_go();
  // Of ten times 32768 kernel pages, or ten times 64 huge ones; what is left of
  // a slow machine's rounds goes back in its time.
  ck_assert_int_lt(page_faults() - before, 320);
}
END_TEST

// The C library frees under locks that it takes to start a thread as well: of
// what a thread had, when it is joined.
START_TEST(threads_are_joined_while_much_is_unused) {
  for (int round = 0; round < 8; ++round) {
    free(memset(malloc(48 * kMiB), 1, 48 * kMiB));
    for (int i = 0; i < 2000; ++i) have_a_thread();
  }
}
END_TEST

START_TEST(a_program_of_one_thread_may_have_a_namespace_of_its_own) {
  const int status = run_in_child([] {
    for (char* block : filled_blocks(256 * kMiB, 3000)) free(block);
    // Where nobody may have one, for another reason.
    return unshare(CLONE_NEWUSER) != 0 && errno == EINVAL ? 1 : 0;
  });
  ck_assert_int_eq(status, 0);
}
END_TEST

// No 2 MiB are wholly free.
START_TEST(parts_of_huge_pages_go_back_and_the_rest_stays) {
  const std::size_t before = resident_kib();
  std::vector<char*> blocks = filled_blocks(256 * kMiB, 64 * kKiB);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (i % 8 != 0) free(blocks[i]);
  ck_assert(
      comes_true([&] { return (resident_kib() - before) * kKiB < 80 * kMiB; }));
  for (std::size_t i = 0; i < blocks.size(); i += 8) {
    ck_assert_int_eq(blocks[i][0], 1);
    ck_assert_int_eq(memcmp(blocks[i], blocks[i] + 1, 64 * kKiB - 1), 0);
    free(blocks[i]);
  }
}
END_TEST

START_TEST(memory_that_has_gone_back_is_zero_for_calloc) {
  have_a_thread();
  for (int round = 0; round < 2; ++round) {
    std::vector<char*> blocks = filled_blocks(128 * kMiB, 64 * kKiB);
    const std::size_t full = resident_kib();
    for (std::size_t i = 0; i < blocks.size(); ++i)
      if (i % 4 != 0) free(blocks[i]);
    ck_assert(
        comes_true([&] { return (full - resident_kib()) * kKiB > 64 * kMiB; }));
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % 4 == 0) continue;
      blocks[i] = static_cast<char*>(calloc(1, 64 * kKiB));
      ck_assert_int_eq(blocks[i][0], 0);
      ck_assert_int_eq(memcmp(blocks[i], blocks[i] + 1, 64 * kKiB - 1), 0);
    }
    for (char* block : blocks) free(block);
  }
}
END_TEST

START_TEST(a_child_has_a_thread_of_its_own) {
  // Forked while the parent's thread is at work.
  have_a_thread();
  for (char* block : filled_blocks(128 * kMiB, 3000)) free(block);
  const int status = run_in_child([] {
    if (thread_count() != 1) return 1;
    const std::size_t before = resident_kib();
    for (char* block : filled_blocks(256 * kMiB, 3000)) free(block);
    if (resident_kib() > before + 48 * kMiB / kKiB) return 2;
    have_a_thread();
    if (thread_count() != 2) return 3;
    for (char* block : filled_blocks(256 * kMiB, 3000)) free(block);
    return comes_true(
               [&] { return resident_kib() < before + 32 * kMiB / kKiB; })
               ? 0
               : 4;
  });
  ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_small_program_stays_single_threaded) {
  for (int round = 0; round < 20; ++round)
    for (char* block : filled_blocks(16 * kMiB, 3000)) free(block);
  ck_assert_int_eq(thread_count(), 1);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("idle decay");
  TCase* group = tcase_create("idle decay");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, a_freed_heap_goes_back);
  tcase_add_test(group, a_freed_heap_goes_back_by_a_thread);
  tcase_add_test(group, what_is_left_of_a_burst_is_little);
  tcase_add_test(group, what_comes_and_goes_stays);
  tcase_add_test(group, threads_are_joined_while_much_is_unused);
  tcase_add_test(group,
                 a_program_of_one_thread_may_have_a_namespace_of_its_own);
  tcase_add_test(group, parts_of_huge_pages_go_back_and_the_rest_stays);
  tcase_add_test(group, memory_that_has_gone_back_is_zero_for_calloc);
  tcase_add_test(group, a_child_has_a_thread_of_its_own);
  tcase_add_test(group, a_small_program_stays_single_threaded);
  suite_add_tcase(suite, group);
  return suite;
}
