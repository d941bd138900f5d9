// SPDX-License-Identifier: MulanPSL-2.0
#include <errno.h>
#include <numaif.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <thread>

#include "contract/container_filter.h"
#include "contract/contract.h"
#include "contract/memory.h"

namespace contract {
namespace {

using gmem::ByteRange;
using gmem::Device;
using gmem::Error;
using gmem::Hnid;

Error prefetch(int device_index, const ByteRange& range) {
  Device& device = usable_device(device_index);
  return device.prefetch(range, node_of(device));
}

void expect_resident(int device_index, const ByteRange& range) {
  Device& device = usable_device(device_index);
  std::size_t on_node = 0;
  ck_assert_int_eq(device.resident_size(range, node_of(device), &on_node), 0);
  ck_assert_uint_eq(on_node, range.size());
  ck_assert_uint_eq(present_bytes(range), range.size());
}

START_TEST(untouched_memory_becomes_resident) {
  const Area area(8);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  expect_resident(_i, area.all());
  ck_assert(holds_only(area.all(), 0));
}
END_TEST

START_TEST(large_ranges_are_filled_by_several_threads) {
  const Area area(80);
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  expect_resident(_i, area.all());
}
END_TEST

START_TEST(writable_memory_does_not_fault_afterwards) {
  const Area area(4);
  // A read maps the page of zeros, which a write would still fault on.
  for (std::size_t at = 0; at < area.size(); at += small_page())
    *static_cast<volatile char*>(area.data(at));
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  expect_resident(_i, area.all());
}
END_TEST

START_TEST(huge_pages_are_used_for_a_whole_mapping) {
  if (!huge_pages_can_be_had()) return;
  const Area area(6);
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  ck_assert_uint_eq(huge_bytes(area.all()), area.size());
}
END_TEST

START_TEST(huge_pages_are_used_for_a_part_which_stays_one_mapping) {
  if (!huge_pages_can_be_had()) return;
  const Area area(6);
  ck_assert_int_eq(mapping_count(area.all()), 1);
  ck_assert_int_eq(prefetch(_i, area.bytes(2 * kPage, 3 * kPage)), 0);
  ck_assert_uint_eq(huge_bytes(area.all()), 3 * kPage);
  ck_assert_uint_eq(present_bytes(area.all()), 3 * kPage);
  ck_assert_int_eq(mapping_count(area.all()), 1);
}
END_TEST

START_TEST(a_refusal_of_huge_pages_is_honoured) {
  for (const bool whole : {true, false}) {
    const Area area(4);
    ck_assert_int_eq(madvise(area.data(), area.size(), MADV_NOHUGEPAGE), 0);
    const ByteRange range = whole ? area.all() : area.bytes(kPage, 2 * kPage);
    ck_assert_int_eq(prefetch(_i, range), 0);
    expect_resident(_i, range);
    ck_assert_uint_eq(huge_bytes(area.all()), 0);
    // Nor is the refusal lifted for later.
    ck_assert_int_eq(madvise(area.data(), area.size(), MADV_DONTNEED), 0);
    fill(area.all());
    ck_assert_uint_eq(huge_bytes(area.all()), 0);
  }
}
END_TEST

START_TEST(edges_are_widened_within_the_mapping) {
  const Area area(4);
  ck_assert_int_eq(prefetch(_i, area.bytes(kPage + 5, kPage)), 0);
  expect_resident(_i, area.bytes(kPage, 2 * kPage));
  ck_assert_uint_eq(present_bytes(area.all()), 2 * kPage);
}
END_TEST

START_TEST(edges_are_clipped_to_the_mapping) {
  const Area area(4);
  const std::size_t cut = 3 * small_page();
  munmap(area.data(), cut);
  munmap(area.data(area.size() - cut), cut);
  ck_assert_int_eq(
      prefetch(_i, area.bytes(kPage - 7, area.size() - 2 * kPage + 14)), 0);
  expect_resident(_i, area.bytes(cut, area.size() - 2 * cut));
}
END_TEST

START_TEST(one_byte_brings_its_whole_page) {
  const Area area(3);
  ck_assert_int_eq(prefetch(_i, area.bytes(2 * kPage - 1, 1)), 0);
  expect_resident(_i, area.bytes(kPage, kPage));
  ck_assert_uint_eq(present_bytes(area.all()), kPage);
}
END_TEST

START_TEST(data_that_is_there_stays) {
  const Area area(6);
  // A huge page where there are such, some small pages, nothing.
  madvise(area.data(), 2 * kPage, MADV_HUGEPAGE);
  fill(area.bytes(0, 2 * kPage));
  madvise(area.data(2 * kPage), 2 * kPage, MADV_NOHUGEPAGE);
  fill(area.bytes(2 * kPage + small_page(), 3 * small_page()));
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  expect_resident(_i, area.all());
  ck_assert(is_filled(area.bytes(0, 2 * kPage)));
  ck_assert(is_filled(area.bytes(2 * kPage + small_page(), 3 * small_page())));
  ck_assert(holds_only(area.bytes(2 * kPage, small_page()), 0));
  ck_assert(holds_only(
      area.bytes(2 * kPage + 4 * small_page(), 4 * kPage - 4 * small_page()),
      0));
}
END_TEST

START_TEST(concurrent_writers_lose_nothing) {
  const Area area(16);
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> rounds{0};
  const std::size_t step = small_page() * 3;
  std::thread writer([&] {
    while (!stop) {
      for (std::size_t at = 0; at < area.size(); at += step)
        ++*reinterpret_cast<volatile std::size_t*>(area.data(at));
      ++rounds;
    }
  });
  while (rounds == 0) std::this_thread::yield();
  for (int i = 0; i < 30; ++i) ck_assert_int_eq(prefetch(_i, area.all()), 0);
  stop = true;
  writer.join();
  for (std::size_t at = 0; at < area.size(); at += step)
    ck_assert_uint_eq(*reinterpret_cast<std::size_t*>(area.data(at)),
                      rounds.load());
}
END_TEST

START_TEST(pages_in_place_are_marked_hot) {
  for (const int advice : {MADV_HUGEPAGE, MADV_NOHUGEPAGE}) {
    const Area area(4);
    madvise(area.data(), area.size(), advice);
    fill(area.all());
    FILE* const file = fopen("/proc/self/clear_refs", "we");
    ck_assert_ptr_nonnull(file);
    fputs("1", file);
    fclose(file);
    ck_assert_uint_eq(referenced_bytes(area.all()), 0);
    ck_assert_int_eq(prefetch(_i, area.bytes(kPage, 2 * kPage)), 0);
    ck_assert_uint_eq(referenced_bytes(area.all()), 2 * kPage);
  }
}
END_TEST

START_TEST(a_hole_is_an_error_and_nothing_is_done) {
  const Area area(4);
  // What the library maps for itself at first must not fill the hole.
  node_of(usable_device(_i));
  munmap(area.data(2 * kPage + small_page()), small_page());
  ck_assert_int_eq(prefetch(_i, area.all()), -ENOMEM);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
  // At either end of the caller's bytes, too.
  const std::size_t hole = 2 * kPage + small_page();
  ck_assert_int_eq(prefetch(_i, area.bytes(hole - 1, 2)), -ENOMEM);
  ck_assert_int_eq(prefetch(_i, area.bytes(hole + small_page() - 1, 2)),
                   -ENOMEM);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
  // Beside the caller's bytes it is none.
  ck_assert_int_eq(prefetch(_i, area.bytes(hole - 1, 1)), 0);
  ck_assert_uint_eq(present_bytes(area.all()), small_page());
}
END_TEST

START_TEST(inaccessible_memory_is_refused_and_nothing_is_done) {
  const Area area(4);
  mprotect(area.data(kPage), kPage, PROT_NONE);
  ck_assert_int_eq(prefetch(_i, area.all()), -EACCES);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
}
END_TEST

START_TEST(ranges_over_several_mappings_are_done_throughout) {
  const Area area(6);
  fill(area.bytes(kPage + 1, kPage));
  mprotect(area.data(kPage), kPage, PROT_READ);
  mprotect(area.data(4 * kPage), small_page(), PROT_READ | PROT_EXEC);
  const int before = mapping_count(area.all());
  ck_assert_int_gt(before, 4);
  ck_assert_int_eq(prefetch(_i, area.bytes(1, area.size() - 2)), 0);
  ck_assert_uint_eq(present_bytes(area.all()), area.size());
  ck_assert(is_filled(area.bytes(kPage + 1, kPage)));
  ck_assert_int_eq(mapping_count(area.all()), before);
}
END_TEST

START_TEST(read_only_memory_keeps_its_data) {
  const Area area(3);
  fill(area.bytes(0, kPage));
  mprotect(area.data(), area.size(), PROT_READ);
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  ck_assert_uint_eq(present_bytes(area.all()), area.size());
  ck_assert(is_filled(area.bytes(0, kPage)));
  ck_assert(holds_only(area.bytes(kPage, 2 * kPage), 0));
}
END_TEST

START_TEST(shared_memory_becomes_resident) {
  const Area anonymous(3, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
  ck_assert_int_eq(prefetch(_i, anonymous.all()), 0);
  expect_resident(_i, anonymous.all());

  const TemporaryFile file(3 * kPage, 'm', true);
  const Area mapped(3, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd());
  ck_assert_int_eq(prefetch(_i, mapped.all()), 0);
  expect_resident(_i, mapped.all());
  ck_assert(holds_only(mapped.all(), 'm'));
}
END_TEST

START_TEST(files_are_read_neither_copied_nor_made_dirty) {
  const TemporaryFile file(2 * kPage, 'f', false);
  ck_assert_int_eq(fsync(file.fd()), 0);
  for (const int sharing : {MAP_PRIVATE, MAP_SHARED}) {
    const Area area(2, PROT_READ | PROT_WRITE, sharing, file.fd());
    ck_assert_int_eq(prefetch(_i, area.all()), 0);
    ck_assert_uint_eq(present_bytes(area.all()), area.size());
    ck_assert_uint_eq(mapping_info(area.all(), "Anonymous:").bytes, 0);
    // What is stored in memory alone is always dirty.
    if (sharing == MAP_SHARED && !file.is_in_memory())
      ck_assert_uint_eq(dirty_bytes(area.all()), 0);
    ck_assert(holds_only(area.all(), 'f'));
  }
}
END_TEST

START_TEST(beyond_the_end_of_a_file_there_is_nothing) {
  const std::size_t length = kPage + 5 * small_page();
  for (const bool in_memory : {true, false}) {
    const TemporaryFile file(length, 'e', in_memory);
    const Area area(3, PROT_READ, MAP_SHARED, file.fd());
    // Not named by the caller: no error.
    ck_assert_int_eq(prefetch(_i, area.bytes(0, length)), 0);
    ck_assert_uint_eq(present_bytes(area.bytes(0, length)), length);
    ck_assert_int_eq(prefetch(_i, area.bytes(0, length + small_page())),
                     -ENOMEM);
  }
}
END_TEST

START_TEST(the_end_of_a_file_keeps_no_other_mapping_back) {
  const std::size_t length = 5 * small_page();
  const TemporaryFile file(length, 'e', true);
  const Area area(3);
  ck_assert_ptr_ne(
      mmap(area.data(), kPage, PROT_READ, MAP_SHARED | MAP_FIXED, file.fd(), 0),
      MAP_FAILED);
  ck_assert_int_eq(prefetch(_i, area.all()), -ENOMEM);
  ck_assert_uint_eq(present_bytes(area.bytes(0, kPage)), length);
  ck_assert_uint_eq(present_bytes(area.bytes(kPage, 2 * kPage)), 2 * kPage);
}
END_TEST

// False where the kernel has no guard pages, before Linux 6.13, or takes any
// advice.
bool guard(const gmem::ByteRange& pages) {
  constexpr int kGuardInstall = 102, kNoAdvice = -1;
  return madvise(nullptr, 0, kNoAdvice) != 0 &&
         madvise(reinterpret_cast<void*>(pages.begin()), pages.size(),
                 kGuardInstall) == 0;
}

// A device that may have pages of its own does not tell these from guard pages.
int error_of_guards(int subject) {
  const std::string name = usable_device(subject).name();
  return name == "host" ? -EFAULT : -EBUSY;
}

START_TEST(guard_pages_keep_no_others_back) {
  for (const int protection : {PROT_READ | PROT_WRITE, PROT_READ}) {
    const Area area(12, protection);
    const std::size_t small = small_page();
    const gmem::ByteRange guards[] = {
        area.bytes(0, small), area.bytes(2 * kPage + 7 * small, 3 * small),
        area.bytes(5 * kPage, kPage), area.bytes(9 * kPage + small, small),
        area.bytes(area.size() - small, small)};
    std::size_t guarded = 0;
    for (const gmem::ByteRange& pages : guards) {
      if (!guard(pages)) return;
      guarded += pages.size();
    }
    ck_assert_int_eq(prefetch(_i, area.all()), error_of_guards(_i));
    // What may only be read reads from the page of zeros.
    ck_assert_uint_eq(present_bytes(area.all()), area.size() - guarded);
    ck_assert_int_eq(usable_device(_i).discard(area.pages()), 0);
    ck_assert_int_eq(prefetch(_i, area.all()), error_of_guards(_i));
    ck_assert_uint_eq(present_bytes(area.all()), area.size() - guarded);
  }
}
END_TEST

START_TEST(guard_pages_that_are_not_named_are_no_error) {
  const Area area(1);
  if (!guard(area.bytes(kPage / 2, small_page()))) return;
  if (error_of_guards(_i) != -EFAULT) return;
  ck_assert_int_eq(prefetch(_i, area.bytes(0, kPage / 2)), 0);
  ck_assert_uint_eq(present_bytes(area.all()), kPage - small_page());
}
END_TEST

START_TEST(locked_memory_is_prefetched_and_stays_locked) {
  const Area area(2);
  // On a fault, so that there is something left to do.
  ck_assert_int_eq(mlock2(area.data(), area.size(), MLOCK_ONFAULT), 0);
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  expect_resident(_i, area.all());
  ck_assert_uint_eq(locked_bytes(area.all()), area.size());
}
END_TEST

START_TEST(fork_shared_memory_is_not_seen_by_the_child) {
  const Area area(2);
  fill(area.all());
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    const bool told = read(ends[0], &byte, 1) == 1;
    _exit(told && is_filled(area.all()) ? 0 : 1);
  }
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  memset(area.data(), 0, area.size());
  ck_assert_int_eq(write(ends[1], "x", 1), 1);
  int status = 0;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(containers_do_not_keep_memory_from_becoming_resident) {
  for (const Container container :
       {Container::kPlain, Container::kWithSysNice}) {
    const Area area(20);
    fill(area.bytes(kPage, kPage));
    Error result = 1;
    in_container(container, [&] { result = prefetch(_i, area.all()); });
    // Placement is enforced, or there is but one node, or it is said.
    if (result != -EPERM) ck_assert_int_eq(result, 0);
    ck_assert_uint_eq(present_bytes(area.all()), area.size());
    ck_assert(is_filled(area.bytes(kPage, kPage)));
  }
}
END_TEST

START_TEST(the_threads_policy_is_left_as_found) {
  // A policy that the library has no reason to set itself.
  unsigned long nodes[16] = {1};
  if (set_mempolicy(MPOL_INTERLEAVE, nodes, 1025) != 0) return;
  const Area area(40);
  ck_assert_int_eq(prefetch(_i, area.all()), 0);
  int mode = -1;
  unsigned long found[16] = {};
  ck_assert_int_eq(get_mempolicy(&mode, found, 1025, nullptr, 0), 0);
  ck_assert_int_eq(mode, MPOL_INTERLEAVE);
  ck_assert_mem_eq(found, nodes, sizeof nodes);
}
END_TEST

START_TEST(more_than_there_is_is_refused_and_nothing_is_done) {
  const std::size_t memory =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * small_page();
  const Area area(2 * memory / kPage, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
  ck_assert_int_eq(prefetch(_i, area.all()), -ENOMEM);
  std::size_t resident = 1;
  ck_assert_int_eq(
      usable_device(_i).resident_size(area.all(), Hnid::kAny, &resident), 0);
  ck_assert_uint_eq(resident, 0);
}
END_TEST

START_TEST(nodes_that_are_none_are_known) {
  Device& device = usable_device(_i);
  ck_assert(device.is_valid_node(node_of(device)));
  for (const int node : {-1, -2, INT32_MIN, INT32_MAX, 1 << 20})
    ck_assert(!device.is_valid_node(Hnid{node}));
}
END_TEST

}  // namespace

TCase* prefetch_tests() {
  TCase* group = tcase_create("prefetch");
  for (const TTest* test : std::array{
           untouched_memory_becomes_resident,
           large_ranges_are_filled_by_several_threads,
           writable_memory_does_not_fault_afterwards,
           huge_pages_are_used_for_a_whole_mapping,
           huge_pages_are_used_for_a_part_which_stays_one_mapping,
           a_refusal_of_huge_pages_is_honoured,
           edges_are_widened_within_the_mapping,
           edges_are_clipped_to_the_mapping,
           one_byte_brings_its_whole_page,
           data_that_is_there_stays,
           concurrent_writers_lose_nothing,
           pages_in_place_are_marked_hot,
           a_hole_is_an_error_and_nothing_is_done,
           inaccessible_memory_is_refused_and_nothing_is_done,
           ranges_over_several_mappings_are_done_throughout,
           read_only_memory_keeps_its_data,
           shared_memory_becomes_resident,
           files_are_read_neither_copied_nor_made_dirty,
           beyond_the_end_of_a_file_there_is_nothing,
           the_end_of_a_file_keeps_no_other_mapping_back,
           guard_pages_keep_no_others_back,
           guard_pages_that_are_not_named_are_no_error,
           locked_memory_is_prefetched_and_stays_locked,
           fork_shared_memory_is_not_seen_by_the_child,
           containers_do_not_keep_memory_from_becoming_resident,
           the_threads_policy_is_left_as_found,
           nodes_that_are_none_are_known,
       })
    add_test(group, test);
  add_test(group, more_than_there_is_is_refused_and_nothing_is_done,
           Needs::kConventional);
  return group;
}

}  // namespace contract
