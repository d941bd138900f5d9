// SPDX-License-Identifier: MulanPSL-2.0
#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>

#include "contract/contract.h"
#include "contract/memory.h"

namespace contract {
namespace {

using gmem::ByteRange;
using gmem::Device;
using gmem::Hnid;

// Anywhere, and on the one node where the test's own pages can lie unless
// there are several.
void expect(int device_index, const ByteRange& range, std::size_t bytes) {
  Device& device = usable_device(device_index);
  std::size_t anywhere = SIZE_MAX;
  ck_assert_int_eq(device.resident_size(range, Hnid::kAny, &anywhere), 0);
  ck_assert_uint_eq(anywhere, bytes);
  std::size_t by_node = 0;
  for (int node = 0; node < 64; ++node) {
    if (!device.is_valid_node(Hnid{node})) continue;
    std::size_t here = SIZE_MAX;
    ck_assert_int_eq(device.resident_size(range, Hnid{node}, &here), 0);
    by_node += here;
  }
  ck_assert_uint_eq(by_node, bytes);
}

START_TEST(untouched_memory_is_not_resident) {
  const Area area(4);
  expect(_i, area.all(), 0);
}
END_TEST

START_TEST(the_page_of_zeros_is_not_counted) {
  for (const int advice : {MADV_HUGEPAGE, MADV_NOHUGEPAGE}) {
    const Area area(3);
    madvise(area.data(), area.size(), advice);
    ck_assert(holds_only(area.all(), 0));
    *area.data(kPage) = 1;
    ck_assert_uint_eq(present_bytes(area.all()), area.size());
    expect(_i, area.bytes(0, kPage), 0);
    expect(_i, area.bytes(2 * kPage, kPage), 0);
    expect(_i, area.bytes(kPage, small_page()), small_page());
  }
}
END_TEST

START_TEST(small_pages_are_counted_one_by_one) {
  const Area area(4);
  madvise(area.data(), area.size(), MADV_NOHUGEPAGE);
  std::size_t touched = 0;
  for (std::size_t at = 0; at < area.size(); at += 3 * small_page()) {
    *area.data(at) = 1;
    touched += small_page();
  }
  expect(_i, area.all(), touched);
  // Bytes, not pages, count at the ends.
  expect(_i, area.bytes(1, 3 * small_page()), small_page());
  expect(_i, area.bytes(small_page() - 1, 1), 1);
  expect(_i, area.bytes(small_page(), 1), 0);
}
END_TEST

START_TEST(huge_pages_are_counted_by_bytes_too) {
  if (!huge_pages_can_be_had()) return;
  const Area area(3);
  madvise(area.data(), area.size(), MADV_HUGEPAGE);
  *area.data(kPage) = 1;
  ck_assert_uint_eq(huge_bytes(area.all()), kPage);
  expect(_i, area.all(), kPage);
  expect(_i, area.bytes(kPage + 5, 100), 100);
  expect(_i, area.bytes(kPage - 5, 100), 95);
  expect(_i, area.bytes(2 * kPage - 5, 100), 5);
}
END_TEST

START_TEST(released_memory_is_not_resident) {
  const Area area(3);
  fill(area.all());
  expect(_i, area.all(), area.size());
  ck_assert_int_eq(usable_device(_i).discard(area.pages(1, 1)), 0);
  expect(_i, area.all(), 2 * kPage);
}
END_TEST

START_TEST(shared_and_read_only_memory_is_counted) {
  const Area shared(2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
  fill(shared.bytes(0, kPage));
  expect(_i, shared.all(), kPage);
  mprotect(shared.data(), shared.size(), PROT_READ);
  expect(_i, shared.all(), kPage);

  const TemporaryFile file(kPage, 'f', true);
  const Area mapped(1, PROT_READ, MAP_PRIVATE, file.fd());
  madvise(mapped.data(), mapped.size(), MADV_RANDOM);
  expect(_i, mapped.all(), 0);
  ck_assert(holds_only(mapped.all(), 'f'));
  expect(_i, mapped.all(), kPage);
}
END_TEST

START_TEST(pages_that_fork_shares_are_counted_in_both) {
  const Area area(2);
  madvise(area.data(), area.size(), MADV_NOHUGEPAGE);
  fill(area.bytes(0, kPage));
  const pid_t child = fork();
  if (child == 0) {
    std::size_t resident = 0;
    const gmem::Error error =
        usable_device(_i).resident_size(area.all(), Hnid::kAny, &resident);
    _exit(error == 0 && resident == kPage ? 0 : 1);
  }
  int status = 0;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
  expect(_i, area.all(), kPage);
}
END_TEST

START_TEST(a_hole_is_an_error) {
  const Area area(3);
  // What the library maps for itself at first must not fill the hole.
  node_of(usable_device(_i));
  munmap(area.data(kPage), small_page());
  std::size_t resident = 0;
  Device& device = usable_device(_i);
  ck_assert_int_eq(device.resident_size(area.all(), Hnid::kAny, &resident),
                   -ENOMEM);
  ck_assert_int_eq(device.resident_size(area.bytes(kPage - 1, 2),
                                        node_of(device), &resident),
                   -ENOMEM);
  expect(_i, area.bytes(0, kPage), 0);
}
END_TEST

}  // namespace

TCase* resident_tests() {
  TCase* group = tcase_create("resident size");
  for (const TTest* test : std::array{
           untouched_memory_is_not_resident,
           the_page_of_zeros_is_not_counted,
           small_pages_are_counted_one_by_one,
           huge_pages_are_counted_by_bytes_too,
           released_memory_is_not_resident,
           shared_and_read_only_memory_is_counted,
           pages_that_fork_shares_are_counted_in_both,
           a_hole_is_an_error,
       })
    add_test(group, test, Needs::kConventional);
  return group;
}

}  // namespace contract
