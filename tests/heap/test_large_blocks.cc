// SPDX-License-Identifier: MulanPSL-2.0
// What blocks cost follows what is used of them, not their size; and what has
// gone back stays away.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "support/check_main.h"
#include "support/child_process.h"
#include "support/resident_memory.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace {

constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr std::size_t kHugePage = 2 * kMiB;

// As from the header of a damaged file.
START_TEST(absurd_requests_cost_nothing) {
  const std::size_t before = resident_kib();
  for (unsigned power = 34; power < 47; ++power) {
    errno = 0;
    void* const block = malloc(std::size_t{1} << power);
    ck_assert(block != nullptr || errno == ENOMEM);
    free(block);
  }
  ck_assert_uint_lt(resident_kib() - before, 8 * kKiB);
  ck_assert_ptr_null(malloc(SIZE_MAX / 2));
  ck_assert_int_eq(errno, ENOMEM);
}
END_TEST

int sparse_tables_stay_sparse() {
  constexpr std::size_t kSize = 512 * kMiB;
  const std::size_t before = resident_kib();
  for (int round = 0; round < 5; ++round) {
    auto* const table = static_cast<char*>(
        round % 2 == 0 ? calloc(1, kSize) : malloc(kSize));
    if (table == nullptr) return 2;
    for (std::size_t i = 0; i < kSize; i += kMiB) {
      if (round % 2 == 0 && table[i] != 0) return 3;
      table[i] = 1;
    }
    if (resident_kib() - before > 10 * kKiB) return 4;
    free(table);
  }
  return 0;
}

START_TEST(a_table_of_which_little_is_touched_holds_little) {
  ck_assert_int_eq(run_in_child(sparse_tables_stay_sparse), 0);
}
END_TEST

START_TEST(calloc_of_used_memory_is_zero) {
  for (const std::size_t size :
       {31 * kMiB, 32 * kMiB, 33 * kMiB + 12345, 100 * kMiB}) {
    auto* block = static_cast<char*>(malloc(size));
    memset(block, 1, size);
    free(block);
    block = static_cast<char*>(calloc(1, size));
    ck_assert_int_eq(block[0], 0);
    ck_assert_int_eq(memcmp(block, block + 1, size - 1), 0);
    free(block);
  }
}
END_TEST

// What the kernel's khugepaged does in time, asked for at once.
void gather_huge_pages(const std::vector<char*>& blocks) {
  for (char* block : blocks) {
    const auto page = reinterpret_cast<std::uintptr_t>(block) &
                      ~(std::uintptr_t{kHugePage} - 1);
    madvise(reinterpret_cast<void*>(page), kHugePage, MADV_COLLAPSE);
  }
}

int fragments_stay_small() {
  const std::size_t before = resident_kib();
  std::vector<char*> blocks(60000);
  for (char*& block : blocks) {
    block = static_cast<char*>(malloc(4000));
    memset(block, 1, 4000);
  }
  std::vector<char*> kept;
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (i % 128 > 1)
      free(blocks[i]);
    else
      kept.push_back(blocks[i]);
  gather_huge_pages(kept);
  if (resident_kib() - before > 90 * kKiB) return 2;
  for (const char* block : kept)
    if (block[0] != 1 || block[3999] != 1) return 3;
  for (char* block : kept) free(block);
  return 0;
}

START_TEST(what_went_back_is_not_filled_in_again) {
  ck_assert_int_eq(run_in_child(fragments_stay_small), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("large blocks");
  TCase* group = tcase_create("large blocks");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, absurd_requests_cost_nothing);
  tcase_add_test(group, a_table_of_which_little_is_touched_holds_little);
  tcase_add_test(group, calloc_of_used_memory_is_zero);
  tcase_add_test(group, what_went_back_is_not_filled_in_again);
  suite_add_tcase(suite, group);
  return suite;
}
