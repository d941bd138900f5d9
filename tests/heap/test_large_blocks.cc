// SPDX-License-Identifier: MulanPSL-2.0
// What blocks cost follows what is used of them, not their size; and what has
// gone back stays away.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>
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
    auto* const table =
        static_cast<char*>(round % 2 == 0 ? calloc(1, kSize) : malloc(kSize));
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

// Each word its own number, so that no page can stand for another.
void number(std::uint64_t* words, std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i) words[i] = i * 0x9e3779b97f4a7c15;
}

bool is_numbered(const std::uint64_t* words, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (words[i] != i * 0x9e3779b97f4a7c15) return false;
  return true;
}

// Two that stand in each other's way, beside small blocks.
int two_buffers_grow() {
  constexpr std::size_t kWords = kMiB / 8;
  for (const std::size_t most : {96 * kMiB, 300 * kMiB}) {
    std::uint64_t* buffers[2] = {};
    std::size_t words[2] = {};
    std::vector<void*> others;
    while (words[1] * 8 < most)
      for (int which = 0; which < 2; ++which) {
        std::size_t& has = words[which];
        const std::size_t wants = has + has / 3 + kWords + 77;
        auto* const grown =
            static_cast<std::uint64_t*>(realloc(buffers[which], wants * 8));
        if (grown == nullptr) return 2;
        number(grown, has, wants);
        if (!is_numbered(grown, wants)) return 3;
        buffers[which] = grown;
        has = wants;
        others.push_back(malloc(70000));
      }
    for (int which = 0; which < 2; ++which) {
      if (!is_numbered(buffers[which], words[which])) return 4;
      free(buffers[which]);
    }
    for (void* other : others) free(other);
  }
  return 0;
}

START_TEST(growing_buffers_keep_what_they_hold) {
  ck_assert_int_eq(run_in_child(two_buffers_grow), 0);
}
END_TEST

long resident_peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Pages change places: to have both copies in memory would take more.
int a_buffer_grows_within_a_limit() {
  constexpr std::size_t kSize = 400 * kMiB;
  auto* block = static_cast<char*>(malloc(kSize / 2));
  block = static_cast<char*>(realloc(block, kSize));  // at a whole page now
  if (block == nullptr) return 2;
  memset(block, 1, kSize);
  void* const in_the_way = malloc(kSize);  // so that it has to go elsewhere
  if (in_the_way == nullptr) return 3;
  const auto before = reinterpret_cast<std::uintptr_t>(block);
  const long held = resident_peak_kib();
  block = static_cast<char*>(realloc(block, 2 * kSize));
  if (block == nullptr) return 4;
  if (reinterpret_cast<std::uintptr_t>(block) == before) return 5;
  for (std::size_t i = 0; i < kSize; i += 4096)
    if (block[i] != 1) return 6;
  constexpr long kQuarter = kSize / kKiB / 4;
  return resident_peak_kib() - held < kQuarter ? 0 : 7;
}

START_TEST(a_large_block_that_moves_is_not_held_twice) {
  ck_assert_int_eq(run_in_child(a_buffer_grows_within_a_limit), 0);
}
END_TEST

// The kernel gives up moving what begins there, as it may when it has taken
// away what was at the new place.
bool refuse_to_move(std::uintptr_t page) {
  const auto low = static_cast<unsigned>(page);
  const sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mremap, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[3])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MREMAP_FIXED, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, low, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {std::size(filter),
                              const_cast<sock_filter*>(filter)};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

int a_move_ends_half_way() {
  constexpr std::size_t kSize = 80 * kMiB, kWords = kSize / 8;
  auto* block = static_cast<std::uint64_t*>(aligned_alloc(kHugePage, kSize));
  void* const in_the_way = malloc(kSize);
  if (block == nullptr || in_the_way == nullptr) return 2;
  number(block, 0, kWords);
  // So that it is three mappings, of which the middle one is refused.
  char* const middle = reinterpret_cast<char*>(block) + kSize / 2;
  if (madvise(middle, kHugePage, MADV_DONTFORK) != 0) return 3;
  if (!refuse_to_move(reinterpret_cast<std::uintptr_t>(middle))) return 4;
  for (std::size_t size = 3 * kSize; size <= 6 * kSize; size *= 2) {
    block = static_cast<std::uint64_t*>(realloc(block, size));
    if (block == nullptr) return 5;
    if (!is_numbered(block, kWords)) return 6;
    memset(reinterpret_cast<char*>(block) + kSize, 1, size - kSize);
    if (malloc(kSize) == nullptr) return 7;
  }
  free(block);
  return 0;
}

START_TEST(a_move_that_the_kernel_gives_up_loses_nothing) {
  ck_assert_int_eq(run_in_child(a_move_ends_half_way), 0);
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
  tcase_add_test(group, growing_buffers_keep_what_they_hold);
  tcase_add_test(group, a_large_block_that_moves_is_not_held_twice);
  tcase_add_test(group, a_move_that_the_kernel_gives_up_loses_nothing);
  suite_add_tcase(suite, group);
  return suite;
}
