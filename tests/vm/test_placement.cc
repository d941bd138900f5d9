// SPDX-License-Identifier: MulanPSL-2.0
// gmemPrefetch between nodes: each row of the table "Page states" in
// gmemPrefetch(3), by what the kernel says of every page afterwards.
#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <thread>

// First: Check's macros do not get on with streams.
#include "libgmem.h"
#include "support/check_main.h"
#include "support/child_process.h"
#include "vm/placement.h"

namespace {

using contract::Area;
using contract::fill;
using contract::holds_only;
using contract::huge_bytes;
using contract::is_filled;
using contract::kPage;
using contract::TemporaryFile;
using namespace placement;

constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;

// The call itself, which leaves the thread and the mappings as they were.
int prefetch(const ByteRange& range, int node = kTarget) {
  const Settings before(range);
  const int result = gmemPrefetch(range.begin(), range.size(), node, nullptr);
  ck_assert(Settings(range) == before);
  return result;
}

std::size_t resident(const ByteRange& range, int node) {
  std::size_t bytes = 0;
  ck_assert_int_eq(
      gmemGetResidentSize(range.begin(), range.size(), node, &bytes), 0);
  return bytes;
}

// By what the library says, too.
void expect_on(const ByteRange& range, int node) {
  ck_assert_uint_eq(bytes_on(range, node), range.size());
  for (const int other : {kHome, kTarget, kSmall})
    ck_assert_uint_eq(resident(range, other), other == node ? range.size() : 0);
  ck_assert_uint_eq(resident(range, GMEM_ANY_NODE), range.size());
}

void want_huge_pages(const Area& area, bool wanted) {
  ck_assert_int_eq(madvise(area.data(), area.size(),
                           wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE),
                   0);
}

// Memory that is filled and lies on node 0.
class Filled {
 public:
  explicit Filled(std::size_t pages, bool huge) : area(pages) {
    want_huge_pages(area, huge);
    fill_on(kHome, area.all());
    ck_assert_uint_eq(huge_bytes(area.all()), huge ? area.size() : 0);
    ck_assert(lies_on(area.all(), kHome));
  }
  void expect_moved() const {
    expect_on(area.all(), kTarget);
    ck_assert(is_filled(area.all()));
  }
  void expect_left() const {
    expect_on(area.all(), kHome);
    ck_assert(is_filled(area.all()));
  }
  const Area area;
};

START_TEST(untouched_memory_comes_to_lie_on_the_node) {
  for (const int node : {kTarget, kSmall, kHome}) {
    const Area area(8);
    ck_assert_int_eq(prefetch(area.all(), node), 0);
    ck_assert_uint_eq(huge_bytes(area.all()), area.size());
    expect_on(area.all(), node);
    ck_assert(holds_only(area.all(), 0));
  }
}
END_TEST

START_TEST(the_page_of_zeros_is_replaced) {
  for (const bool huge : {false, true}) {
    const Area area(4);
    want_huge_pages(area, huge);
    ck_assert(holds_only(area.all(), 0));
    ck_assert_uint_eq(contract::present_bytes(area.all()), area.size());
    ck_assert_uint_eq(resident(area.all(), GMEM_ANY_NODE), 0);
    ck_assert_int_eq(prefetch(area.all()), 0);
    expect_on(area.all(), kTarget);
    ck_assert(holds_only(area.all(), 0));
  }
}
END_TEST

START_TEST(huge_pages_move_and_stay_huge) {
  const Filled memory(8, true);
  ck_assert_int_eq(prefetch(memory.area.all()), 0);
  memory.expect_moved();
  ck_assert_uint_eq(huge_bytes(memory.area.all()), memory.area.size());
}
END_TEST

START_TEST(small_pages_move) {
  const Filled memory(20, false);
  ck_assert_int_eq(prefetch(memory.area.all()), 0);
  memory.expect_moved();
}
END_TEST

START_TEST(no_more_moves_than_the_2mib_pages_that_were_named) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    ck_assert_int_eq(prefetch(memory.area.bytes(2 * kPage - 1, 1)), 0);
    expect_on(memory.area.bytes(kPage, kPage), kTarget);
    expect_on(memory.area.bytes(0, kPage), kHome);
    expect_on(memory.area.bytes(2 * kPage, 2 * kPage), kHome);
    ck_assert(is_filled(memory.area.all()));
  }
}
END_TEST

START_TEST(pages_of_all_kinds_side_by_side_come_together) {
  const Area area(5);
  madvise(area.data(), kPage, MADV_NOHUGEPAGE);
  fill_on(kHome, area.bytes(0, kPage));
  fill_on(kTarget, area.bytes(kPage, kPage));
  fill_on(kSmall, area.bytes(2 * kPage, kPage));
  madvise(area.data(3 * kPage), kPage, MADV_NOHUGEPAGE);
  // Every node, the page of zeros, and nothing in turn.
  for (std::size_t at = 3 * kPage; at + 4 * small_page() <= 4 * kPage;
       at += 5 * small_page()) {
    for (const int node : {kHome, kTarget, kSmall})
      fill_on(node, area.bytes(
                        at + static_cast<std::size_t>(node) * small_page(), 1));
    *static_cast<volatile char*>(area.data(at + 3 * small_page()));
  }
  ck_assert_int_eq(prefetch(area.all()), 0);
  expect_on(area.all(), kTarget);
  ck_assert(is_filled(area.bytes(0, 3 * kPage)));
  ck_assert(is_filled(area.bytes(3 * kPage, 1)));
  ck_assert(holds_only(area.bytes(3 * kPage + 3 * small_page(), 1), 0));
  ck_assert(holds_only(area.bytes(4 * kPage, kPage), 0));
}
END_TEST

START_TEST(a_page_in_place_does_not_speak_for_its_neighbours) {
  for (const std::size_t in_place : {std::size_t{0}, kPage - small_page()}) {
    const Area area(4);
    want_huge_pages(area, false);
    for (std::size_t at = 0; at < area.size(); at += kPage)
      fill_on(kTarget, area.bytes(at + in_place, small_page()));
    fill_on(kHome, area.all());
    ck_assert_uint_eq(bytes_on(area.all(), kTarget), 4 * small_page());
    ck_assert_int_eq(prefetch(area.all()), 0);
    expect_on(area.all(), kTarget);
    ck_assert(is_filled(area.all()));
  }
}
END_TEST

START_TEST(holes_are_filled_on_the_node_and_the_rest_moves) {
  const Area area(4);
  want_huge_pages(area, false);
  for (std::size_t at = 0; at < area.size(); at += 7 * small_page())
    fill_on(kHome, area.bytes(at, small_page()));
  ck_assert_int_eq(prefetch(area.all()), 0);
  expect_on(area.all(), kTarget);
  for (std::size_t at = 0; at < area.size(); at += 7 * small_page())
    ck_assert(is_filled(area.bytes(at, small_page())));
}
END_TEST

// Runs body in the parent while a child holds the memory as it was when it
// was forked, and sees that it goes on holding that, on node 0.
void while_a_child_shares(const Area& area, const std::function<void()>& body) {
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    const bool told = read(ends[0], &byte, 1) == 1;
    _exit(told && is_filled(area.all()) && lies_on(area.all(), kHome) ? 0 : 1);
  }
  body();
  ck_assert_int_eq(write(ends[1], "x", 1), 1);
  int status = -1;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
}

START_TEST(memory_that_fork_shares_is_copied_to_the_node) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    while_a_child_shares(memory.area, [&] {
      ck_assert_int_eq(prefetch(memory.area.all()), 0);
      memory.expect_moved();
    });
  }
}
END_TEST

START_TEST(read_only_memory_that_fork_shares_is_busy) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    mprotect(memory.area.data(), memory.area.size(), PROT_READ);
    while_a_child_shares(memory.area, [&] {
      ck_assert_int_eq(prefetch(memory.area.all()), -EBUSY);
      memory.expect_left();
    });
    // The child has gone.
    ck_assert_int_eq(prefetch(memory.area.all()), 0);
    memory.expect_moved();
  }
}
END_TEST

START_TEST(locked_memory_moves_and_stays_locked) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    ck_assert_int_eq(mlock(memory.area.data(), memory.area.size()), 0);
    ck_assert_int_eq(prefetch(memory.area.all()), 0);
    memory.expect_moved();
    ck_assert_uint_eq(contract::locked_bytes(memory.area.all()),
                      memory.area.size());
  }
}
END_TEST

START_TEST(read_only_memory_moves) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    mprotect(memory.area.data(), memory.area.size(), PROT_READ);
    ck_assert_int_eq(prefetch(memory.area.all()), 0);
    memory.expect_moved();
  }
}
END_TEST

START_TEST(untouched_read_only_memory_keeps_the_page_of_zeros) {
  const Area area(4, PROT_READ);
  ck_assert_int_eq(prefetch(area.all()), 0);
  ck_assert_uint_eq(contract::present_bytes(area.all()), area.size());
  ck_assert_uint_eq(resident(area.all(), GMEM_ANY_NODE), 0);
}
END_TEST

START_TEST(inaccessible_memory_is_refused_and_stays) {
  const Filled memory(4, true);
  mprotect(memory.area.data(kPage), kPage, PROT_NONE);
  ck_assert_int_eq(prefetch(memory.area.all()), -EACCES);
  mprotect(memory.area.data(kPage), kPage, kReadWrite);
  memory.expect_left();
}
END_TEST

START_TEST(shared_memory_comes_to_lie_on_the_node) {
  const TemporaryFile file(4 * kPage, 's', true);
  for (const int fd : {-1, file.fd()}) {
    const int flags = MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0);
    const Area area(4, kReadWrite, flags, fd);
    fill_on(kHome, area.bytes(0, 3 * kPage));  // the rest, if any, is new
    ck_assert_int_eq(prefetch(area.all()), 0);
    expect_on(area.all(), kTarget);
    ck_assert(is_filled(area.bytes(0, 3 * kPage)));
  }
}
END_TEST

START_TEST(memory_that_another_mapping_shares_is_busy) {
  const TemporaryFile file(2 * kPage, 's', true);
  const Area area(2, kReadWrite, MAP_SHARED, file.fd());
  const Area other(2, kReadWrite, MAP_SHARED, file.fd());
  fill(area.all());
  const std::vector<int> before = nodes_of(area.all());
  const int elsewhere = before[0] == kTarget ? kSmall : kTarget;
  ck_assert(holds_only(other.bytes(0, 1), *area.data()));
  mprotect(other.data(), other.size(), PROT_READ);
  ck_assert_int_eq(
      gmemPrefetch(other.begin(), other.size(), elsewhere, nullptr), -EBUSY);
  ck_assert(nodes_of(area.all()) == before);
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(pages_of_a_file_move_and_are_not_copied) {
  for (const int sharing : {MAP_PRIVATE, MAP_SHARED}) {
    std::optional<ThreadPolicy> home(std::in_place, MPOL_PREFERRED, kHome);
    const TemporaryFile file(3 * kPage, 'f', false);
    home.reset();
    const Area area(3, kReadWrite, sharing, file.fd());
    // A page of the mapping's own beside those of the file.
    if (sharing == MAP_PRIVATE) fill_on(kHome, area.bytes(0, small_page()));
    ck_assert_int_eq(prefetch(area.all()), 0);
    expect_on(area.all(), kTarget);
    ck_assert_uint_eq(contract::mapping_info(area.all(), "Anonymous:").bytes,
                      sharing == MAP_PRIVATE ? small_page() : 0);
    ck_assert(
        holds_only(area.bytes(small_page(), 3 * kPage - small_page()), 'f'));
    if (sharing == MAP_PRIVATE)
      ck_assert(is_filled(area.bytes(0, small_page())));
  }
}
END_TEST

START_TEST(pages_of_a_huge_page_pool_move) {
  constexpr char kPool[] = "/hugepages/hugepages-2048kB/nr_hugepages";
  const std::string nodes = "/sys/devices/system/node/node";
  write_to(nodes + "0" + kPool, "4");
  write_to(nodes + "1" + kPool, "4");
  {
    const Area area(4, kReadWrite, kAnonymous | MAP_HUGETLB);
    fill_on(kHome, area.bytes(0, 3 * kPage));
    ck_assert_int_eq(prefetch(area.all()), 0);
    expect_on(area.all(), kTarget);
    ck_assert(is_filled(area.bytes(0, 3 * kPage)));
  }
  write_to(nodes + "0" + kPool, "0");
  write_to(nodes + "1" + kPool, "0");
}
END_TEST

START_TEST(a_policy_of_the_mappings_own_is_kept_and_overridden) {
  for (const int mode : {MPOL_BIND, MPOL_PREFERRED, MPOL_INTERLEAVE}) {
    const Area area(4);
    const unsigned long home = 1UL << kHome;
    ck_assert_int_eq(mbind(area.data(), area.size(), mode, &home, 64, 0), 0);
    fill(area.bytes(0, 2 * kPage));
    ck_assert_int_eq(prefetch(area.all()), 0);
    expect_on(area.all(), kTarget);
    ck_assert(is_filled(area.bytes(0, 2 * kPage)));
  }
}
END_TEST

START_TEST(the_threads_own_policy_is_kept_and_overridden) {
  for (const int mode : {MPOL_BIND, MPOL_INTERLEAVE}) {
    const ThreadPolicy policy(mode, kHome);
    const Area area(20);
    ck_assert_int_eq(prefetch(area.all()), 0);
    expect_on(area.all(), kTarget);
  }
}
END_TEST

START_TEST(a_pinned_page_stays_and_the_rest_moves) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const iovec pinned = {memory.area.data(kPage + 5 * small_page()), 100};
    ck_assert_int_eq(vmsplice(ends[1], &pinned, 1, 0), 100);
    ck_assert_int_eq(prefetch(memory.area.all()), -EBUSY);
    const std::size_t stuck = huge ? kPage : small_page();
    ck_assert_uint_eq(bytes_on(memory.area.all(), kHome), stuck);
    ck_assert_uint_eq(resident(memory.area.all(), kHome), stuck);
    ck_assert_uint_eq(resident(memory.area.all(), kTarget),
                      memory.area.size() - stuck);
    ck_assert(is_filled(memory.area.all()));
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(prefetch(memory.area.all()), 0);
    memory.expect_moved();
  }
}
END_TEST

START_TEST(pinned_and_shared_pages_do_not_hold_up_others) {
  const Filled memory(2, false);
  const Area& area = memory.area;
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  const iovec pinned = {area.data(small_page()), 100};
  ck_assert_int_eq(vmsplice(ends[1], &pinned, 1, 0), 100);
  // The second page is pinned, the third one shared with a child.
  mprotect(area.data(2 * small_page()), small_page(), PROT_READ);
  madvise(area.data(), 2 * small_page(), MADV_DONTFORK);
  madvise(area.data(3 * small_page()), area.size() - 3 * small_page(),
          MADV_DONTFORK);
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  ck_assert_int_eq(prefetch(area.all()), -EBUSY);
  ck_assert(lies_on(
      area.bytes(3 * small_page(), area.size() - 3 * small_page()), kTarget));
  ck_assert(lies_on(area.bytes(0, small_page()), kTarget));
  ck_assert(lies_on(area.bytes(small_page(), 2 * small_page()), kHome));
  ck_assert(is_filled(area.all()));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}
END_TEST

START_TEST(lazily_freed_memory_is_kept_from_now_on) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    ck_assert_int_eq(madvise(memory.area.data(), memory.area.size(), MADV_FREE),
                     0);
    ck_assert_int_eq(prefetch(memory.area.all()), 0);
    memory.expect_moved();
  }
}
END_TEST

START_TEST(writers_lose_nothing_while_memory_goes_to_and_fro) {
  for (const bool huge : {false, true}) {
    // Linux 6.1 takes its time where a writer is at the same small pages.
    const Filled memory(huge ? 8 : 1, huge);
    const Area& area = memory.area;
    memset(area.data(), 0, area.size());
    std::atomic<bool> stop{false};
    std::atomic<std::size_t> rounds{0};
    std::thread writer([&] {
      for (; !stop; ++rounds)
        for (std::size_t at = 0; at < area.size(); at += small_page())
          ++*reinterpret_cast<volatile std::size_t*>(area.data(at));
    });
    for (int i = 0; i < 12; ++i) {
      const int node = i % 2 == 0 ? kTarget : kHome;
      ck_assert_int_eq(prefetch(area.all(), node), 0);
      ck_assert(lies_on(area.all(), node));
    }
    stop = true;
    writer.join();
    ck_assert_uint_gt(rounds.load(), 0);
    for (std::size_t at = 0; at < area.size(); at += small_page())
      ck_assert_uint_eq(*reinterpret_cast<std::size_t*>(area.data(at)),
                        rounds.load());
  }
}
END_TEST

START_TEST(pages_in_place_on_the_node_are_marked_hot) {
  for (const bool huge : {false, true}) {
    const Filled memory(4, huge);
    ck_assert_int_eq(prefetch(memory.area.all()), 0);
    write_to("/proc/self/clear_refs", "1");
    ck_assert_uint_eq(contract::referenced_bytes(memory.area.all()), 0);
    ck_assert_int_eq(prefetch(memory.area.bytes(kPage, 2 * kPage)), 0);
    ck_assert_uint_eq(contract::referenced_bytes(memory.area.all()), 2 * kPage);
  }
}
END_TEST

START_TEST(a_node_without_memory_is_refused) {
  const Filled memory(2, true);
  for (const int node : {3, 63, 1023, 1024, -1})
    ck_assert_int_eq(prefetch(memory.area.all(), node), -EINVAL);
  memory.expect_left();
}
END_TEST

// On a node that is full; in a child, which would be the one to be killed.
void expect_no_room(const std::function<int()>& body) {
  const std::string kills = oom_kills();
  ck_assert_int_eq(run_in_child([&] {
                     const NodeFiller filler(kSmall);
                     return body();
                   }),
                   0);
  ck_assert_str_eq(oom_kills().c_str(), kills.c_str());
}

START_TEST(a_full_node_takes_what_it_can_and_the_rest_stays) {
  for (const bool huge : {false, true}) {
    const Filled memory(24, huge);
    expect_no_room([&] {
      fill(memory.area.all());  // the child's own copy
      if (gmemPrefetch(memory.area.begin(), memory.area.size(), kSmall,
                       nullptr) != -ENOMEM)
        return 1;
      const std::size_t moved = bytes_on(memory.area.all(), kSmall);
      const std::size_t left = bytes_on(memory.area.all(), kHome);
      if (left == 0 || moved + left != memory.area.size()) return 2;
      return is_filled(memory.area.all()) ? 0 : 3;
    });
  }
}
END_TEST

START_TEST(a_full_node_is_asked_before_much_is_begun) {
  const Area area(48);
  expect_no_room([&] {
    if (gmemPrefetch(area.begin(), area.size(), kSmall, nullptr) != -ENOMEM)
      return 1;
    return contract::present_bytes(area.all()) == 0 ? 0 : 2;
  });
}
END_TEST

START_TEST(untouched_memory_spills_where_the_node_is_full) {
  const Area area(16);
  expect_no_room([&] {
    if (gmemPrefetch(area.begin(), area.size(), kSmall, nullptr) != -ENOMEM)
      return 1;
    return contract::present_bytes(area.all()) == area.size() ? 0 : 2;
  });
}
END_TEST

START_TEST(resident_memory_is_counted_by_page_and_node) {
  const Area area(4);
  want_huge_pages(area, false);
  std::size_t bytes[3] = {};
  // Each node in turn, the page of zeros, and nothing.
  for (std::size_t page = 0; page * small_page() < area.size(); ++page) {
    const ByteRange place = area.bytes(page * small_page(), small_page());
    const int kind = static_cast<int>(page % 7 % 5);
    if (kind < 3) {
      fill_on(kind, area.bytes(page * small_page(), 1));
      bytes[kind] += place.size();
    } else if (kind == 3) {
      ck_assert(holds_only(place, 0));
    }
  }
  for (const int node : {kHome, kTarget, kSmall}) {
    ck_assert_uint_eq(bytes_on(area.all(), node), bytes[node]);
    ck_assert_uint_eq(resident(area.all(), node), bytes[node]);
  }
  ck_assert_uint_eq(resident(area.all(), GMEM_ANY_NODE),
                    bytes[0] + bytes[1] + bytes[2]);
  // Bytes count, not pages.
  ck_assert_uint_eq(resident(area.bytes(small_page() - 3, 5), kHome), 3);
  ck_assert_uint_eq(resident(area.bytes(small_page() - 3, 5), kTarget), 2);
}
END_TEST

START_TEST(pages_that_balancing_watches_are_resident) {
  constexpr char kSwitch[] = "/proc/sys/kernel/numa_balancing";
  const Filled memory(8, false);
  const Filled huge(8, true);
  write_to(kSwitch, "1");
  const time_t end = time(nullptr) + 4;
  bool counted = true;
  while (counted && time(nullptr) < end) {
    for (int round = 0; round < 20; ++round) {
      ck_assert(is_filled(memory.area.all()));
      counted &= resident(memory.area.all(), kHome) == memory.area.size();
      counted &= resident(huge.area.all(), kHome) == huge.area.size();
    }
  }
  write_to(kSwitch, "0");
  ck_assert(counted);
}
END_TEST

START_TEST(a_stream_moves_as_the_call_does) {
  const Filled memory(8, false);
  void* stream = nullptr;
  ck_assert_int_eq(gmemStreamCreate(&stream), 0);
  ck_assert_int_eq(
      gmemPrefetch(memory.area.begin(), memory.area.size(), kTarget, stream),
      0);
  ck_assert_int_eq(gmemStreamSynchronize(stream), 0);
  memory.expect_moved();
  ck_assert_int_eq(gmemStreamDestroy(stream), 0);
}
END_TEST

START_TEST(there_is_one_node_and_all_lies_on_it) {
  const Area area(4);
  ck_assert_int_eq(prefetch(area.all(), 1), -EINVAL);
  ck_assert_uint_eq(contract::present_bytes(area.all()), 0);
  ck_assert_int_eq(prefetch(area.all(), 0), 0);
  ck_assert_uint_eq(resident(area.all(), 0), area.size());
  ck_assert_uint_eq(contract::present_bytes(area.all()), area.size());
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("placement");
  TCase* group = tcase_create("placement");
  suite_add_tcase(suite, group);
  if (!has_several_nodes()) {
    tcase_add_test(group, there_is_one_node_and_all_lies_on_it);
    return suite;
  }
  for (const TTest* test : std::array{
           untouched_memory_comes_to_lie_on_the_node,
           the_page_of_zeros_is_replaced,
           huge_pages_move_and_stay_huge,
           small_pages_move,
           no_more_moves_than_the_2mib_pages_that_were_named,
           pages_of_all_kinds_side_by_side_come_together,
           a_page_in_place_does_not_speak_for_its_neighbours,
           holes_are_filled_on_the_node_and_the_rest_moves,
           memory_that_fork_shares_is_copied_to_the_node,
           read_only_memory_that_fork_shares_is_busy,
           locked_memory_moves_and_stays_locked,
           read_only_memory_moves,
           untouched_read_only_memory_keeps_the_page_of_zeros,
           inaccessible_memory_is_refused_and_stays,
           shared_memory_comes_to_lie_on_the_node,
           memory_that_another_mapping_shares_is_busy,
           pages_of_a_file_move_and_are_not_copied,
           pages_of_a_huge_page_pool_move,
           a_policy_of_the_mappings_own_is_kept_and_overridden,
           the_threads_own_policy_is_kept_and_overridden,
           a_pinned_page_stays_and_the_rest_moves,
           pinned_and_shared_pages_do_not_hold_up_others,
           lazily_freed_memory_is_kept_from_now_on,
           writers_lose_nothing_while_memory_goes_to_and_fro,
           pages_in_place_on_the_node_are_marked_hot,
           a_node_without_memory_is_refused,
           a_full_node_takes_what_it_can_and_the_rest_stays,
           a_full_node_is_asked_before_much_is_begun,
           untouched_memory_spills_where_the_node_is_full,
           resident_memory_is_counted_by_page_and_node,
           pages_that_balancing_watches_are_resident,
           a_stream_moves_as_the_call_does,
       })
    tcase_add_test(group, test);
  return suite;
}
