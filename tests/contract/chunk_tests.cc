// SPDX-License-Identifier: MulanPSL-2.0
#include <errno.h>
#include <sys/mman.h>

#include <array>

#include "contract/contract.h"
#include "contract/memory.h"
#include "heap/backing.h"

namespace contract {
namespace {

using gmem::ByteRange;
using gmem::Device;
using gmem::PageRange;
using gmem::heap::BackingCall;  // as the heap calls a device

// A chunk, unmapped at the end.
class Chunk {
 public:
  Chunk(Device& device, std::uintptr_t hint, std::size_t size, bool metadata,
        bool huge_pages = true)
      : begin_(device.map_chunk({size, hint, metadata, huge_pages})),
        size_(size) {}
  ~Chunk() {
    if (begin_ != 0) munmap(reinterpret_cast<void*>(begin_), size_);
  }
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  std::uintptr_t begin() const { return begin_; }
  ByteRange all() const { return *ByteRange::from(begin_, size_); }

 private:
  const std::uintptr_t begin_;
  const std::size_t size_;
};

START_TEST(chunks_are_aligned_zero_and_writable) {
  for (const bool metadata : {false, true}) {
    for (const std::size_t pages : {1, 2, 7}) {
      const Chunk chunk(usable_device(_i), 0, pages * kPage, metadata);
      ck_assert_uint_ne(chunk.begin(), 0);
      ck_assert_uint_eq(chunk.begin() % kPage, 0);
      ck_assert(holds_only(chunk.all(), 0));
      fill(chunk.all());
      ck_assert(is_filled(chunk.all()));
    }
  }
}
END_TEST

START_TEST(a_hint_is_taken_where_it_is_free) {
  Device& device = usable_device(_i);
  const Chunk first(device, 0, 2 * kPage, false);
  // Not where a chunk would come to lie anyway.
  const std::uintptr_t wanted = first.all().end() + 5 * kPage;
  const Chunk second(device, wanted, 3 * kPage, false);
  ck_assert_uint_eq(second.begin(), wanted);
}
END_TEST

START_TEST(a_hint_over_mapped_memory_gives_another_place) {
  Device& device = usable_device(_i);
  const Chunk first(device, 0, 4 * kPage, false);
  fill(first.all());
  const Chunk second(device, first.begin() + 3 * kPage, 2 * kPage, false);
  ck_assert_uint_ne(second.begin(), 0);
  ck_assert_uint_eq(second.begin() % kPage, 0);
  ck_assert(second.begin() >= first.all().end() ||
            second.all().end() <= first.begin());
  fill(second.all());
  ck_assert(is_filled(first.all()));
}
END_TEST

START_TEST(what_cannot_be_had_is_0_and_errno_stays) {
  Device& device = usable_device(_i);
  errno = ERANGE;
  ck_assert_uint_eq(BackingCall(device)->map_chunk({SIZE_MAX - kPage + 1}), 0);
  ck_assert_uint_eq(BackingCall(device)->map_chunk({std::size_t{1} << 62}), 0);
  ck_assert_int_eq(errno, ERANGE);
}
END_TEST

START_TEST(purged_pages_are_gone_and_zero_and_the_rest_stays) {
  const Chunk chunk(usable_device(_i), 0, 4 * kPage, false);
  fill(chunk.all());
  const auto middle = *ByteRange::from(chunk.begin() + kPage, 2 * kPage);
  ck_assert(usable_device(_i).purge_chunk(PageRange::inward(middle)));
  ck_assert_uint_eq(present_bytes(middle), 0);
  ck_assert(holds_only(middle, 0));
  ck_assert(is_filled(*ByteRange::from(chunk.begin(), kPage)));
  ck_assert(is_filled(*ByteRange::from(chunk.begin() + 3 * kPage, kPage)));
}
END_TEST

START_TEST(locked_pages_are_purged_too) {
  const Chunk chunk(usable_device(_i), 0, kPage, false);
  ck_assert_int_eq(
      mlock2(reinterpret_cast<void*>(chunk.begin()), kPage, MLOCK_ONFAULT), 0);
  fill(chunk.all());
  ck_assert(usable_device(_i).purge_chunk(PageRange::inward(chunk.all())));
  ck_assert(holds_only(chunk.all(), 0));
}
END_TEST

START_TEST(purging_what_is_not_there_is_false_and_errno_stays) {
  Device& device = usable_device(_i);
  std::uintptr_t gone = 0;
  {
    const Chunk chunk(device, 0, kPage, false);
    gone = chunk.begin();
  }
  errno = ERANGE;
  ck_assert(!BackingCall(device)->purge_chunk(
      PageRange::inward(*ByteRange::from(gone, kPage))));
  ck_assert_int_eq(errno, ERANGE);
}
END_TEST

START_TEST(data_gets_huge_pages_and_metadata_does_not) {
  if (!huge_pages_can_be_had()) return;
  for (const bool metadata : {false, true}) {
    const Chunk chunk(usable_device(_i), 0, 2 * kPage, metadata);
    fill(chunk.all());
    ck_assert_uint_eq(huge_bytes(chunk.all()), metadata ? 0 : 2 * kPage);
  }
}
END_TEST

START_TEST(huge_pages_come_later_where_they_were_not_wanted_first) {
  if (!huge_pages_can_be_had()) return;
  const Chunk chunk(usable_device(_i), 0, 2 * kPage, false, false);
  fill(chunk.all());
  ck_assert_uint_eq(huge_bytes(chunk.all()), 0);
  errno = ERANGE;
  BackingCall(usable_device(_i))
      ->use_huge_pages(PageRange::inward(chunk.all()));
  ck_assert_int_eq(errno, ERANGE);
  ck_assert(is_filled(chunk.all()));
  if (has_collapse()) ck_assert_uint_eq(huge_bytes(chunk.all()), 2 * kPage);
}
END_TEST

START_TEST(a_part_of_a_page_is_gone_and_zero_or_stays) {
  const Chunk chunk(usable_device(_i), 0, kPage, false);
  fill(chunk.all());
  const std::size_t eighth = kPage / 8;
  const auto part = *ByteRange::from(chunk.begin() + eighth, 2 * eighth);
  errno = ERANGE;
  const bool gone = BackingCall(usable_device(_i))->purge_part(part);
  ck_assert_int_eq(errno, ERANGE);
  if (gone) {
    ck_assert_uint_eq(present_bytes(part), 0);
    ck_assert(holds_only(part, 0));
  } else {
    ck_assert(is_filled(part));
  }
  ck_assert(is_filled(*ByteRange::from(chunk.begin(), eighth)));
  ck_assert(is_filled(*ByteRange::from(part.end(), 5 * eighth)));
}
END_TEST

void number_pages(const ByteRange& bytes, std::uint64_t first) {
  for (std::size_t at = 0; at < bytes.size(); at += 4096)
    *reinterpret_cast<std::uint64_t*>(bytes.begin() + at) = first + at;
}

bool has_numbered_pages(const ByteRange& bytes, std::uint64_t first) {
  for (std::size_t at = 0; at < bytes.size(); at += 4096)
    if (*reinterpret_cast<std::uint64_t*>(bytes.begin() + at) != first + at)
      return false;
  return true;
}

// Both places are memory as before: readable, writable, and each its own.
void move_and_look(Device& device, const ByteRange& from, std::uintptr_t to) {
  const auto there = *ByteRange::from(to, from.size());
  number_pages(from, 1);
  number_pages(there, 2);
  errno = ERANGE;
  ck_assert_uint_eq(
      BackingCall(device)->move_chunk(PageRange::inward(from), to),
      from.size());
  ck_assert_int_eq(errno, ERANGE);
  ck_assert(has_numbered_pages(there, 1));
  number_pages(from, 3);
  ck_assert(has_numbered_pages(there, 1));
  ck_assert(has_numbered_pages(from, 3));
  number_pages(there, 4);
  ck_assert(has_numbered_pages(from, 3));
}

START_TEST(what_moves_arrives_and_both_places_stay) {
  Device& device = usable_device(_i);
  for (const std::size_t pages : {1, 2, 7}) {
    const Chunk from(device, 0, pages * kPage, false);
    const Chunk to(device, 0, pages * kPage, false);
    move_and_look(device, from.all(), to.begin());
    move_and_look(device, to.all(), from.begin());  // and back
  }
}
END_TEST

START_TEST(what_moves_may_be_several_mappings) {
  Device& device = usable_device(_i);
  const Chunk from(device, 0, 8 * kPage, false);
  const Chunk to(device, 0, 8 * kPage, false);
  // The third page, and from the middle of the sixth on.
  madvise(reinterpret_cast<void*>(from.begin() + 2 * kPage), kPage,
          MADV_DONTFORK);
  madvise(reinterpret_cast<void*>(from.begin() + 5 * kPage + kPage / 2), kPage,
          MADV_DONTFORK);
  move_and_look(device, from.all(), to.begin());
}
END_TEST

START_TEST(locked_memory_moves_and_both_places_stay_locked) {
  Device& device = usable_device(_i);
  const Chunk from(device, 0, 4 * kPage, false);
  const Chunk to(device, 0, 4 * kPage, false);
  const auto lock = [](const Chunk& chunk) {
    ck_assert_int_eq(
        mlock2(reinterpret_cast<void*>(chunk.begin() + kPage), 2 * kPage, 0),
        0);
  };
  lock(from);
  move_and_look(device, from.all(), to.begin());
  ck_assert_uint_eq(locked_bytes(from.all()), 2 * kPage);
  lock(to);
  move_and_look(device, from.all(), to.begin());
  ck_assert_uint_eq(locked_bytes(from.all()), 2 * kPage);
  ck_assert_uint_eq(locked_bytes(to.all()), 2 * kPage);
}
END_TEST

}  // namespace

TCase* chunk_tests() {
  TCase* group = tcase_create("chunks");
  for (const TTest* test : std::array{
           chunks_are_aligned_zero_and_writable,
           a_hint_is_taken_where_it_is_free,
           a_hint_over_mapped_memory_gives_another_place,
           what_cannot_be_had_is_0_and_errno_stays,
           purged_pages_are_gone_and_zero_and_the_rest_stays,
           locked_pages_are_purged_too,
           a_part_of_a_page_is_gone_and_zero_or_stays,
           what_moves_arrives_and_both_places_stay,
           what_moves_may_be_several_mappings,
           locked_memory_moves_and_both_places_stay_locked,
           purging_what_is_not_there_is_false_and_errno_stays,
       })
    add_test(group, test);
  add_test(group, data_gets_huge_pages_and_metadata_does_not,
           Needs::kConventional);
  add_test(group, huge_pages_come_later_where_they_were_not_wanted_first,
           Needs::kConventional);
  return group;
}

}  // namespace contract
