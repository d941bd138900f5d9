// SPDX-License-Identifier: MulanPSL-2.0
// The arithmetic of ranges, against an oracle that computes in 128 bits and
// one that looks at page after page.
#include <cstdint>
#include <random>
#include <vector>

#include "core/page_range.h"
#include "support/check_main.h"

namespace {

using gmem::ByteRange;
using gmem::kPageSize;
using gmem::PageRange;
using Wide = unsigned __int128;

constexpr std::uintptr_t kTop = UINTPTR_MAX;
constexpr Wide kPage = kPageSize;

// Numbers around every boundary that the arithmetic could get wrong.
std::vector<std::uintptr_t> edges() {
  std::vector<std::uintptr_t> numbers;
  const std::uintptr_t anchors[] = {0,
                                    kPageSize,
                                    2 * kPageSize,
                                    7 * kPageSize,
                                    std::uintptr_t{1} << 47,
                                    std::uintptr_t{1} << 63,
                                    kTop - 2 * kPageSize + 1,
                                    kTop - kPageSize + 1,
                                    kTop};
  for (const std::uintptr_t anchor : anchors)
    for (const std::uintptr_t offset :
         {std::uintptr_t{0}, std::uintptr_t{1}, std::uintptr_t{4096},
          kPageSize / 2, kPageSize - 1}) {
      numbers.push_back(anchor + offset);  // wraps: an edge as well
      numbers.push_back(anchor - offset);
    }
  return numbers;
}

// The same numbers in each run: a failure can be repeated.
std::vector<std::uintptr_t> random_numbers(std::size_t count) {
  std::mt19937_64 random(20);
  std::vector<std::uintptr_t> numbers;
  while (numbers.size() < count) numbers.push_back(random() >> (random() % 64));
  return numbers;
}

template <typename Check>
void sweep(const Check& check) {
  const std::vector<std::uintptr_t> at_edges = edges();
  for (const std::uintptr_t address : at_edges)
    for (const std::uintptr_t size : at_edges) check(address, size);
  const std::vector<std::uintptr_t> anywhere = random_numbers(40000);
  for (std::size_t i = 0; i + 1 < anywhere.size(); i += 2)
    check(anywhere[i], anywhere[i + 1]);
}

// Whatever exists can be looked at here; what wraps is not a range.
template <typename Check>
void sweep_ranges(const Check& check) {
  sweep([&](std::uintptr_t address, std::size_t size) {
    const auto range = ByteRange::from(address, size);
    if (range) check(*range);
  });
}

START_TEST(a_range_exists_unless_it_wraps) {
  std::size_t wrapping = 0;
  std::size_t existing = 0;
  sweep([&](std::uintptr_t address, std::size_t size) {
    const auto range = ByteRange::from(address, size);
    const bool wraps = Wide{address} + size > kTop;
    ck_assert_int_eq(range.has_value(), !wraps);
    ++(wraps ? wrapping : existing);
    if (!range) return;
    ck_assert_uint_eq(range->begin(), address);
    ck_assert_uint_eq(range->size(), size);
    ck_assert_int_eq(range->empty(), size == 0);
  });
  ck_assert_uint_gt(wrapping, 1000);
  ck_assert_uint_gt(existing, 1000);
}
END_TEST

START_TEST(the_whole_address_space_wraps) {
  ck_assert(!ByteRange::from(kTop, kTop));
  ck_assert(!ByteRange::from(1, kTop));
  ck_assert(!ByteRange::from(kTop, 1));
  ck_assert(ByteRange::from(0, kTop).has_value());
  ck_assert(ByteRange::from(kTop, 0).has_value());
}
END_TEST

START_TEST(both_ends_of_pages_are_aligned) {
  sweep_ranges([](const ByteRange& range) {
    for (const PageRange& pages :
         {PageRange::inward(range), PageRange::outward(range)}) {
      ck_assert_uint_eq(pages.begin() % kPageSize, 0);
      ck_assert_uint_eq(pages.end() % kPageSize, 0);
      ck_assert_uint_le(pages.begin(), pages.end());
      ck_assert_uint_eq(pages.page_count() * kPageSize, pages.size());
      ck_assert_int_eq(pages.empty(), pages.page_count() == 0);
    }
  });
}
END_TEST

START_TEST(inward_lies_in_the_range_and_outward_around_it) {
  sweep_ranges([](const ByteRange& range) {
    const PageRange inward = PageRange::inward(range);
    if (!inward.empty()) {
      ck_assert_uint_ge(inward.begin(), range.begin());
      ck_assert_uint_le(inward.end(), range.end());
    }
    if (range.empty()) return;
    const PageRange outward = PageRange::outward(range);
    ck_assert_uint_le(outward.begin(), range.begin());
    // The topmost page has no end, so it is left out.
    const std::uintptr_t highest_end = gmem::page_floor(kTop);
    ck_assert(outward.end() >= range.end() || outward.end() == highest_end);
  });
}
END_TEST

START_TEST(inward_could_not_be_one_page_longer) {
  sweep_ranges([](const ByteRange& range) {
    const PageRange inward = PageRange::inward(range);
    if (inward.empty()) return;
    ck_assert(Wide{inward.begin()} < Wide{range.begin()} + kPage);
    ck_assert(Wide{inward.end()} + kPage > Wide{range.end()});
  });
}
END_TEST

START_TEST(outward_could_not_be_one_page_shorter) {
  sweep_ranges([](const ByteRange& range) {
    const PageRange outward = PageRange::outward(range);
    if (outward.empty()) return;
    ck_assert(Wide{outward.begin()} + kPage > Wide{range.begin()});
    ck_assert(Wide{outward.end()} < Wide{range.end()} + kPage);
  });
}
END_TEST

START_TEST(counts_agree_with_128_bit_arithmetic) {
  sweep_ranges([](const ByteRange& range) {
    const Wide begin = range.begin();
    const Wide end = range.end();
    const Wide after = (begin + kPage - 1) / kPage;
    const Wide inside = end / kPage > after ? end / kPage - after : 0;
    ck_assert_uint_eq(PageRange::inward(range).page_count(),
                      static_cast<std::uintptr_t>(inside));

    Wide touched = 0;
    if (begin < end) {
      Wide last = (end + kPage - 1) / kPage;
      if (last * kPage > kTop) --last;
      touched = last - begin / kPage;
    }
    ck_assert_uint_eq(PageRange::outward(range).page_count(),
                      static_cast<std::uintptr_t>(touched));
  });
}
END_TEST

START_TEST(small_ranges_hold_just_the_pages_seen_one_by_one) {
  const std::uintptr_t base = 100 * kPageSize;
  const std::size_t steps[] = {0, 1, kPageSize - 1};
  for (std::size_t low = 0; low < 4; ++low)
    for (const std::size_t low_step : steps)
      for (std::size_t length = 0; length < 5; ++length)
        for (const std::size_t length_step : steps) {
          const auto range = *ByteRange::from(base + low * kPageSize + low_step,
                                              length * kPageSize + length_step);
          const PageRange inward = PageRange::inward(range);
          const PageRange outward = PageRange::outward(range);
          for (std::uintptr_t page = base - 2 * kPageSize;
               page < base + 12 * kPageSize; page += kPageSize) {
            const bool inside =
                page >= range.begin() && page + kPageSize <= range.end();
            const bool touched = !range.empty() && page < range.end() &&
                                 page + kPageSize > range.begin();
            ck_assert_int_eq(page >= inward.begin() && page < inward.end(),
                             inside);
            ck_assert_int_eq(page >= outward.begin() && page < outward.end(),
                             touched);
          }
        }
}
END_TEST

START_TEST(no_bytes_hold_and_touch_no_page) {
  for (const std::uintptr_t address : edges()) {
    const auto nothing = *ByteRange::from(address, 0);
    ck_assert(PageRange::inward(nothing).empty());
    ck_assert(PageRange::outward(nothing).empty());
  }
}
END_TEST

START_TEST(whole_pages_are_their_own_inside_and_outside) {
  for (std::size_t count = 1; count < 100; ++count) {
    const auto range = *ByteRange::from(count * kPageSize, count * kPageSize);
    ck_assert(PageRange::inward(range).bytes() == range);
    ck_assert(PageRange::outward(range).bytes() == range);
    ck_assert_uint_eq(PageRange::inward(range).page_count(), count);
  }
}
END_TEST

START_TEST(clipping_leaves_the_bytes_in_both) {
  const std::vector<std::uintptr_t> numbers = random_numbers(4000);
  for (std::size_t i = 0; i + 3 < numbers.size(); i += 4) {
    const auto a = ByteRange::from(numbers[i] % 1000, numbers[i + 1] % 1000);
    const auto b =
        ByteRange::from(numbers[i + 2] % 1000, numbers[i + 3] % 1000);
    const ByteRange both = a->clipped_to(*b);
    std::size_t common = 0;
    for (std::uintptr_t byte = 0; byte < 2000; ++byte) {
      const bool in_both = byte >= a->begin() && byte < a->end() &&
                           byte >= b->begin() && byte < b->end();
      common += in_both;
      ck_assert_int_eq(byte >= both.begin() && byte < both.end(), in_both);
    }
    ck_assert_uint_eq(both.size(), common);
  }
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("page_range");
  TCase* arithmetic = tcase_create("arithmetic");
  tcase_add_test(arithmetic, a_range_exists_unless_it_wraps);
  tcase_add_test(arithmetic, the_whole_address_space_wraps);
  tcase_add_test(arithmetic, both_ends_of_pages_are_aligned);
  tcase_add_test(arithmetic, inward_lies_in_the_range_and_outward_around_it);
  tcase_add_test(arithmetic, inward_could_not_be_one_page_longer);
  tcase_add_test(arithmetic, outward_could_not_be_one_page_shorter);
  tcase_add_test(arithmetic, counts_agree_with_128_bit_arithmetic);
  tcase_add_test(arithmetic, small_ranges_hold_just_the_pages_seen_one_by_one);
  tcase_add_test(arithmetic, no_bytes_hold_and_touch_no_page);
  tcase_add_test(arithmetic, whole_pages_are_their_own_inside_and_outside);
  tcase_add_test(arithmetic, clipping_leaves_the_bytes_in_both);
  suite_add_tcase(suite, arithmetic);
  return suite;
}
