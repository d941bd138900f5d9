// SPDX-License-Identifier: MulanPSL-2.0
#include <errno.h>
#include <sys/mman.h>

#include <array>

#include "contract/contract.h"
#include "contract/memory.h"
#include "support/resident_memory.h"

namespace contract {
namespace {

using gmem::ByteRange;
using gmem::Error;
using gmem::PageRange;

Error discard(int device_index, const PageRange& pages) {
  return usable_device(device_index).discard(pages);
}

// As gmemFreeEager does it.
Error discard(int device_index, const ByteRange& bytes) {
  return gmem::run_task(usable_device(device_index),
                        {gmem::Task::Kind::kDiscard, gmem::Hnid::kAny, bytes});
}

START_TEST(whole_pages_read_as_zero_and_edges_stay) {
  for (const int advice : {MADV_HUGEPAGE, MADV_NOHUGEPAGE}) {
    const Area area(5);
    madvise(area.data(), area.size(), advice);
    fill(area.all());
    ck_assert_int_eq(discard(_i, area.bytes(1, area.size() - 2)), 0);
    ck_assert_uint_eq(present_bytes(area.all()), 2 * kPage);
    ck_assert(is_filled(area.bytes(0, kPage)));
    ck_assert(is_filled(area.bytes(4 * kPage, kPage)));
    ck_assert(holds_only(area.bytes(kPage, 3 * kPage), 0));
  }
}
END_TEST

START_TEST(resident_memory_falls) {
  usable_device(_i);  // is ready before anything is measured
  const Area area(32);
  fill(area.all());
  const std::size_t before = resident_kib();
  ck_assert_int_eq(discard(_i, area.pages()), 0);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
  // The kernel's count is exact to some pages for each CPU.
  ck_assert_uint_lt(resident_kib() + area.size() / 1024 * 9 / 10, before);
}
END_TEST

START_TEST(a_hole_is_an_error_and_nothing_is_released) {
  usable_device(_i);  // what it maps at first must not fill the hole
  const Area area(4);
  fill(area.all());
  const std::size_t hole = 3 * kPage - small_page();
  munmap(area.data(hole), small_page());
  ck_assert_int_eq(discard(_i, area.pages()), -ENOMEM);
  ck_assert(is_filled(area.bytes(0, hole)));
  ck_assert(is_filled(area.bytes(3 * kPage, kPage)));
  ck_assert_int_eq(discard(_i, area.pages(0, 2)), 0);
  ck_assert(holds_only(area.bytes(0, 2 * kPage), 0));
}
END_TEST

START_TEST(locked_memory_is_released_and_stays_locked) {
  const Area area(3);
  // Not mlock, which does nothing under AddressSanitizer.
  ck_assert_int_eq(mlock2(area.data(kPage), kPage, 0), 0);
  fill(area.all());
  ck_assert_int_eq(discard(_i, area.pages()), 0);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
  ck_assert(holds_only(area.all(), 0));
  // Read memory is locked as it comes in.
  memset(area.data(), 1, area.size());
  ck_assert_uint_eq(locked_bytes(area.bytes(kPage, kPage)), kPage);
}
END_TEST

START_TEST(read_only_memory_is_released) {
  const Area area(3);
  fill(area.all());
  mprotect(area.data(), area.size(), PROT_READ);
  ck_assert_int_eq(discard(_i, area.pages(1, 1)), 0);
  ck_assert_uint_eq(present_bytes(area.all()), 2 * kPage);
  ck_assert(holds_only(area.bytes(kPage, kPage), 0));
}
END_TEST

START_TEST(inaccessible_memory_is_released) {
  const Area area(2);
  fill(area.all());
  mprotect(area.data(), area.size(), PROT_NONE);
  ck_assert_int_eq(discard(_i, area.pages()), 0);
  mprotect(area.data(), area.size(), PROT_READ);
  ck_assert(holds_only(area.all(), 0));
}
END_TEST

START_TEST(private_files_revert_to_the_file) {
  const TemporaryFile file(3 * kPage, 'f', false);
  const Area area(3, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.fd());
  fill(area.all());
  ck_assert_int_eq(discard(_i, area.pages(1, 1)), 0);
  ck_assert(is_filled(area.bytes(0, kPage)));
  ck_assert(holds_only(area.bytes(kPage, kPage), 'f'));
  ck_assert(is_filled(area.bytes(2 * kPage, kPage)));
}
END_TEST

START_TEST(shared_memory_keeps_its_contents) {
  const Area anonymous(2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
  fill(anonymous.all());
  ck_assert_int_eq(discard(_i, anonymous.pages()), 0);
  ck_assert_uint_eq(present_bytes(anonymous.all()), 0);
  ck_assert(is_filled(anonymous.all()));

  const TemporaryFile file(2 * kPage, 'm', true);
  const Area mapped(2, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd());
  fill(mapped.all());
  ck_assert_int_eq(discard(_i, mapped.pages()), 0);
  ck_assert_uint_eq(present_bytes(mapped.all()), 0);
  ck_assert(is_filled(mapped.all()));
}
END_TEST

START_TEST(several_mappings_are_released_together) {
  const Area area(4);
  fill(area.all());
  mprotect(area.data(kPage), kPage, PROT_READ);
  const int before = mapping_count(area.all());
  ck_assert_int_eq(discard(_i, area.pages()), 0);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
  ck_assert_int_eq(mapping_count(area.all()), before);
}
END_TEST

START_TEST(released_memory_can_be_used_again) {
  const Area area(2);
  for (int i = 0; i < 3; ++i) {
    fill(area.all());
    ck_assert_int_eq(discard(_i, area.pages()), 0);
    ck_assert_int_eq(discard(_i, area.pages()), 0);
    ck_assert(holds_only(area.all(), 0));
  }
}
END_TEST

START_TEST(the_ends_of_the_address_space_are_holes) {
  const auto bytes = [](std::uintptr_t at, std::size_t size) {
    return *ByteRange::from(at, size);
  };
  ck_assert_int_eq(discard(_i, bytes(0, kPage)), -ENOMEM);
  ck_assert_int_eq(discard(_i, bytes(0, UINTPTR_MAX)), -ENOMEM);
  ck_assert_int_eq(discard(_i, bytes(UINTPTR_MAX - 3 * kPage, 2 * kPage)),
                   -ENOMEM);
}
END_TEST

}  // namespace

TCase* discard_tests() {
  TCase* group = tcase_create("discard");
  for (const TTest* test : std::array{
           whole_pages_read_as_zero_and_edges_stay,
           resident_memory_falls,
           a_hole_is_an_error_and_nothing_is_released,
           locked_memory_is_released_and_stays_locked,
           read_only_memory_is_released,
           inaccessible_memory_is_released,
           private_files_revert_to_the_file,
           shared_memory_keeps_its_contents,
           several_mappings_are_released_together,
           released_memory_can_be_used_again,
           the_ends_of_the_address_space_are_holes,
       })
    add_test(group, test);
  return group;
}

}  // namespace contract
