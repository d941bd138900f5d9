// SPDX-License-Identifier: MulanPSL-2.0
// What a thread keeps of what it frees, by jemalloc's own counts.  This program
// is linked with the heap's own objects.
#include <gmem_jemalloc.h>
#include <stdlib.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "support/check_main.h"

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// Of all arenas.
template <typename Value>
Value statistic(const std::string& name) {
  std::uint64_t epoch = 1;
  gmem_je_mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  Value value = 0;
  std::size_t length = sizeof value;
  const std::string full =
      "stats.arenas." + std::to_string(MALLCTL_ARENAS_ALL) + "." + name;
  ck_assert_int_eq(gmem_je_mallctl(full.c_str(), &value, &length, nullptr, 0),
                   0);
  return value;
}

// How often the lock of the blocks of 16 bytes was taken.
std::uint64_t lock_count() {
  return statistic<std::uint64_t>("bins.0.mutex.num_ops");
}

START_TEST(a_thread_that_only_frees_takes_no_lock_for_each_block) {
  constexpr std::size_t kBlocks = 100000;
  std::vector<void*> blocks(kBlocks);
  for (void*& block : blocks) block = malloc(16);
  std::uint64_t taken = 0;
  std::thread consumer([&] {
    const std::uint64_t before = lock_count();
    for (void* block : blocks) free(block);
    taken = lock_count() - before;
  });
  consumer.join();
  ck_assert_uint_lt(taken, kBlocks / 20);
}
END_TEST

START_TEST(large_blocks_come_from_the_cache) {
  constexpr int kPairs = 1000;
  for (const std::size_t size : {64 * kMiB / 1024, kMiB, 4 * kMiB, 8 * kMiB}) {
    free(malloc(size));
    const auto before = statistic<std::uint64_t>("large.nmalloc");
    for (int i = 0; i < kPairs; ++i) {
      void* volatile block = malloc(size);
      free(block);
    }
    const auto made = statistic<std::uint64_t>("large.nmalloc") - before;
    ck_assert_uint_lt(made, kPairs / 10);
  }
}
END_TEST

START_TEST(few_large_blocks_are_kept) {
  constexpr std::size_t kSize = 5 * kMiB;
  const auto before = statistic<std::size_t>("large.allocated");
  std::vector<void*> blocks(20);
  for (void*& block : blocks) block = malloc(kSize);
  ck_assert_uint_ge(statistic<std::size_t>("large.allocated"),
                    before + blocks.size() * kSize);
  for (void* block : blocks) free(block);
  ck_assert_uint_le(statistic<std::size_t>("large.allocated"), before + kSize);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("thread cache");
  TCase* group = tcase_create("thread cache");
  tcase_add_test(group, a_thread_that_only_frees_takes_no_lock_for_each_block);
  tcase_add_test(group, large_blocks_come_from_the_cache);
  tcase_add_test(group, few_large_blocks_are_kept);
  suite_add_tcase(suite, group);
  return suite;
}
