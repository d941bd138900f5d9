// SPDX-License-Identifier: MulanPSL-2.0
// The table of the heap's 2 MiB pages, against a plain array of flags.
#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include "heap/chunk_table.h"
#include "support/check_main.h"

namespace {

using gmem::ByteRange;
using gmem::PageRange;
using gmem::heap::ChunkTable;
using gmem::heap::kPiecesPerPage;
using gmem::heap::PieceSet;

PageRange pages(std::uintptr_t address, std::size_t count) {
  return PageRange::inward(*ByteRange::from(address, count * gmem::kPageSize));
}

bool add(ChunkTable& table, const PageRange& run) {
  return table.add(run, gmem::Hnid::kAny);
}

START_TEST(piece_set_agrees_with_an_array_of_flags) {
  std::mt19937 random(1);
  std::array<bool, kPiecesPerPage> oracle{};
  PieceSet set{};
  for (int round = 0; round < 20000; ++round) {
    std::size_t first = random() % (kPiecesPerPage + 1);
    std::size_t last = random() % (kPiecesPerPage + 1);
    if (first > last) std::swap(first, last);
    const bool value = random() % 2 != 0;
    const auto changing =
        std::count(oracle.begin() + static_cast<std::ptrdiff_t>(first),
                   oracle.begin() + static_cast<std::ptrdiff_t>(last), !value);
    const unsigned changed =
        value ? set.add(first, last) : set.remove(first, last);
    ck_assert_uint_eq(changed, static_cast<unsigned>(changing));
    std::fill(oracle.begin() + static_cast<std::ptrdiff_t>(first),
              oracle.begin() + static_cast<std::ptrdiff_t>(last), value);
    // Check takes its time for each assertion.
    int wrong = 0;
    for (std::size_t piece = 0; piece < kPiecesPerPage; ++piece)
      wrong += set.contains(piece) != oracle[piece];
    ck_assert_int_eq(wrong, 0);
  }
}
END_TEST

START_TEST(held_runs_are_decommitted_and_not_zero) {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    gmem::heap::PageState state{};
    std::array<bool, kPiecesPerPage + 1> held{};
    // Seldom, half the time, and often.
    const unsigned part = random() % 3;
    for (std::size_t piece = 0; piece < kPiecesPerPage; ++piece) {
      const bool decommitted = random() % 4 > part;
      const bool zero = random() % 4 < part;
      if (decommitted) state.decommitted.add(piece, piece + 1);
      if (zero) state.zero.add(piece, piece + 1);
      held[piece] = decommitted && !zero;
    }
    std::size_t at = 0;
    while (at < kPiecesPerPage) {
      const gmem::heap::PieceRun run = state.next_held_run(at);
      while (at < kPiecesPerPage && !held[at]) ++at;
      ck_assert_uint_eq(run.first, at);
      while (held[at]) ++at;
      ck_assert_uint_eq(run.last, at);
    }
    ck_assert(state.next_held_run(kPiecesPerPage).empty());
  }
}
END_TEST

START_TEST(owns_what_was_added_and_nothing_else) {
  auto table = std::make_unique<ChunkTable>();
  const std::uintptr_t base = std::uintptr_t{5} << 40;
  ck_assert(!table->owns(base));
  ck_assert(add(*table, pages(base, 3)));
  ck_assert(!table->owns(base - 1));
  ck_assert(table->owns(base));
  ck_assert(table->owns(base + 3 * gmem::kPageSize - 1));
  ck_assert(!table->owns(base + 3 * gmem::kPageSize));
  ck_assert(!table->owns(UINTPTR_MAX));
}
END_TEST

START_TEST(knows_the_node_of_each_page) {
  auto table = std::make_unique<ChunkTable>();
  const std::uintptr_t base = std::uintptr_t{5} << 40;
  ck_assert(table->add(pages(base, 2), gmem::Hnid{3}));
  ck_assert(add(*table, pages(base + 2 * gmem::kPageSize, 1)));
  ck_assert(table->node_of(base + gmem::kPageSize) == gmem::Hnid{3});
  ck_assert(table->node_of(base + 2 * gmem::kPageSize) == gmem::Hnid::kAny);
  ck_assert(table->node_of(0) == gmem::Hnid::kAny);
}
END_TEST

START_TEST(refuses_addresses_beyond_48_bits) {
  auto table = std::make_unique<ChunkTable>();
  ck_assert(!add(*table, pages(std::uintptr_t{1} << 48, 1)));
  ck_assert(add(*table, pages((std::uintptr_t{1} << 48) - gmem::kPageSize, 1)));
}
END_TEST

START_TEST(runs_within_a_range_end_with_it) {
  auto table = std::make_unique<ChunkTable>();
  constexpr std::uintptr_t base = std::uintptr_t{5} << 40;
  const auto page = [](std::size_t n) { return base + n * gmem::kPageSize; };
  ck_assert(add(*table, pages(page(2), 4)));
  ck_assert(table->first_run_in(page(0), page(2)).empty());
  ck_assert(table->first_run_in(page(0), page(4)) == pages(page(2), 2));
  ck_assert(table->first_run_in(page(3), page(9)) == pages(page(3), 3));
  ck_assert(table->first_run_in(page(6), page(9)).empty());
  ck_assert(table->first_run_in(page(9), page(6)).empty());
  // A range over many leaves, none of which there are.
  ck_assert(table->first_run_in(0, base).empty());
}
END_TEST

START_TEST(runs_join_neighbours_and_pass_over_gaps) {
  auto table = std::make_unique<ChunkTable>();
  // The second run straddles two leaves of the table (16 GiB each).
  const std::uintptr_t low = std::uintptr_t{3} << 30;
  const std::uintptr_t high = (std::uintptr_t{16} << 30) - gmem::kPageSize;
  ck_assert(add(*table, pages(low, 1)));
  ck_assert(add(*table, pages(low + gmem::kPageSize, 1)));
  ck_assert(add(*table, pages(high, 2)));

  const PageRange first = table->next_run(0);
  ck_assert(first == pages(low, 2));
  const PageRange second = table->next_run(first.end());
  ck_assert(second == pages(high, 2));
  ck_assert(table->next_run(second.end()).empty());
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("chunk table");
  TCase* group = tcase_create("chunk table");
  tcase_add_test(group, piece_set_agrees_with_an_array_of_flags);
  tcase_add_test(group, held_runs_are_decommitted_and_not_zero);
  tcase_add_test(group, owns_what_was_added_and_nothing_else);
  tcase_add_test(group, knows_the_node_of_each_page);
  tcase_add_test(group, refuses_addresses_beyond_48_bits);
  tcase_add_test(group, runs_within_a_range_end_with_it);
  tcase_add_test(group, runs_join_neighbours_and_pass_over_gaps);
  suite_add_tcase(suite, group);
  return suite;
}
