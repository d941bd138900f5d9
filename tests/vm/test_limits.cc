// SPDX-License-Identifier: MulanPSL-2.0
// The device in containers and under limits.  Each test is a process of its
// own, so that what it gives up is given up for itself alone.
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <array>

// First: Check's macros do not get on with streams.
#include "contract/container_filter.h"
#include "core/devices.h"
#include "support/capture_stderr.h"
#include "support/check_main.h"
#include "vm/placement.h"

namespace {

using contract::Area;
using contract::Container;
using contract::in_container;
using contract::is_filled;
using contract::kPage;
using gmem::Hnid;
using namespace placement;

int prefetch(const ByteRange& range, int node) {
  return gmem::current_device()->prefetch(range, Hnid{node});
}

int prefetch_in(Container container, const ByteRange& range, int node) {
  const Settings before(range);
  int result = 1;
  in_container(container, [&] { result = prefetch(range, node); });
  ck_assert(Settings(range) == before);
  return result;
}

bool is_valid(int node) {
  return gmem::current_device()->is_valid_node(Hnid{node});
}

void fill_at_home(const Area& area, bool huge) {
  madvise(area.data(), area.size(), huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  fill_on(kHome, area.all());
}

START_TEST(with_sys_nice_memory_without_a_policy_moves) {
  for (const bool huge : {false, true}) {
    const Area area(8);
    fill_at_home(area, huge);
    const ByteRange part = area.bytes(2 * kPage, 3 * kPage);
    ck_assert_int_eq(prefetch_in(Container::kWithSysNice, part, kTarget), 0);
    ck_assert(lies_on(part, kTarget));
    ck_assert_uint_eq(bytes_on(area.all(), kTarget), part.size());
    ck_assert_int_eq(prefetch_in(Container::kWithSysNice, area.all(), kTarget),
                     0);
    ck_assert(lies_on(area.all(), kTarget));
    ck_assert(is_filled(area.all()));
    ck_assert_uint_eq(contract::huge_bytes(area.all()), huge ? area.size() : 0);
  }
}
END_TEST

START_TEST(with_sys_nice_untouched_memory_comes_to_lie_on_the_node) {
  const Area area(20);
  ck_assert_int_eq(prefetch_in(Container::kWithSysNice, area.all(), kTarget),
                   0);
  ck_assert(lies_on(area.all(), kTarget));
}
END_TEST

START_TEST(with_sys_nice_a_policy_is_kept_and_nothing_moves) {
  const Area area(3);
  const unsigned long home = 1UL << kHome;
  ck_assert_int_eq(mbind(area.data(kPage), kPage, MPOL_BIND, &home, 64, 0), 0);
  fill_on(kHome, area.all());
  ck_assert_int_eq(prefetch_in(Container::kWithSysNice, area.all(), kTarget),
                   -EPERM);
  ck_assert(lies_on(area.bytes(0, kPage), kTarget));
  ck_assert(lies_on(area.bytes(kPage, kPage), kHome));
  ck_assert(lies_on(area.bytes(2 * kPage, kPage), kTarget));
  ck_assert(is_filled(area.all()));
}
END_TEST

// The error, or the bytes.
long resident_in(Container container, const ByteRange& range, int node) {
  std::size_t bytes = 0;
  int error = 1;
  in_container(container, [&] {
    error = gmem::current_device()->resident_size(range, Hnid{node}, &bytes);
  });
  return error != 0 ? error : static_cast<long>(bytes);
}

START_TEST(with_sys_nice_resident_memory_is_counted_by_node) {
  const Area area(4);
  madvise(area.data(), kPage, MADV_NOHUGEPAGE);
  fill_on(kHome, area.bytes(0, kPage));
  fill_on(kTarget, area.bytes(kPage, 2 * kPage));
  constexpr Container kContainer = Container::kWithSysNice;
  ck_assert_int_eq(resident_in(kContainer, area.all(), kHome), kPage);
  ck_assert_int_eq(resident_in(kContainer, area.all(), kTarget), 2 * kPage);
  ck_assert_int_eq(resident_in(kContainer, area.all(), kSmall), 0);
}
END_TEST

START_TEST(a_plain_container_counts_resident_memory_of_all_nodes_alone) {
  const Area area(4);
  fill_on(kTarget, area.bytes(kPage, 2 * kPage));
  constexpr Container kContainer = Container::kPlain;
  ck_assert_int_eq(resident_in(kContainer, area.all(), kTarget), -EPERM);
  ck_assert_int_eq(resident_in(kContainer, area.all(), -1), 2 * kPage);
}
END_TEST

START_TEST(a_plain_container_fills_memory_in_and_says_what_it_cannot) {
  const Area area(20);
  ck_assert_int_eq(prefetch_in(Container::kPlain, area.all(), kTarget), -EPERM);
  ck_assert_uint_eq(contract::present_bytes(area.all()), area.size());
  ck_assert_uint_eq(contract::huge_bytes(area.all()), area.size());
}
END_TEST

START_TEST(a_plain_container_leaves_memory_where_it_is) {
  const Area area(4);
  fill_at_home(area, false);
  ck_assert_int_eq(prefetch_in(Container::kPlain, area.all(), kTarget), -EPERM);
  ck_assert(lies_on(area.all(), kHome));
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(a_plain_container_knows_what_lies_where_it_should) {
  const Area area(4);
  fill_at_home(area, false);
  ck_assert_int_eq(prefetch_in(Container::kPlain, area.all(), kHome), 0);
  // One page elsewhere, in another mapping of the same range.
  mprotect(area.data(3 * kPage), kPage, PROT_READ | PROT_EXEC);
  ck_assert_int_eq(prefetch(area.bytes(3 * kPage, 1), kTarget), 0);
  ck_assert_int_eq(prefetch_in(Container::kPlain, area.all(), kHome), -EPERM);
  ck_assert_int_eq(
      prefetch_in(Container::kPlain, area.bytes(0, 3 * kPage), kHome), 0);
  ck_assert_int_eq(
      prefetch_in(Container::kPlain, area.bytes(3 * kPage, kPage), kTarget), 0);
}
END_TEST

START_TEST(what_cannot_be_enforced_is_said_once) {
  setenv("GMEM_CONF", "log:warn", 1);
  const Area area(2);
  fill_at_home(area, true);
  const std::string said = stderr_of([&] {
    for (int i = 0; i < 3; ++i)
      ck_assert_int_eq(prefetch_in(Container::kPlain, area.all(), kTarget),
                       -EPERM);
  });
  ck_assert_str_eq(said.c_str(),
                   "libgmem: memory cannot be kept on node 1: the system "
                   "forbids move_pages\n");
}
END_TEST

void become_nobody() {
  ck_assert_int_eq(setgid(65534), 0);
  ck_assert_int_eq(setuid(65534), 0);
}

START_TEST(no_privilege_is_needed) {
  become_nobody();
  // So that /proc/self is the user's own again.
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  for (const bool huge : {false, true}) {
    const Area area(4);
    fill_at_home(area, huge);
    ck_assert_int_eq(prefetch(area.all(), kTarget), 0);
    ck_assert(lies_on(area.all(), kTarget));
    ck_assert(is_filled(area.all()));
  }
}
END_TEST

START_TEST(without_proc_of_its_own_a_process_prefetches_all_the_same) {
  become_nobody();  // which makes /proc/self/pagemap root's
  for (const bool huge : {false, true}) {
    const Area area(4);
    fill_at_home(area, huge);
    ck_assert_int_eq(prefetch(area.all(), kTarget), 0);
    ck_assert(lies_on(area.all(), kTarget));
    ck_assert(is_filled(area.all()));
  }
}
END_TEST

START_TEST(nodes_outside_the_cpuset_are_refused) {
  enter_cgroup("cpuset.mems", "0,2");
  ck_assert(is_valid(kHome));
  ck_assert(!is_valid(kTarget));
  ck_assert(is_valid(kSmall));
  const Area area(2);
  ck_assert_int_eq(prefetch(area.all(), kSmall), 0);
  ck_assert(lies_on(area.all(), kSmall));
}
END_TEST

START_TEST(a_node_that_leaves_the_cpuset_is_refused) {
  ck_assert(is_valid(kTarget));
  const Area area(2);
  fill_on(kHome, area.all());
  enter_cgroup("cpuset.mems", "0");
  ck_assert_int_eq(prefetch(area.all(), kTarget), -EINVAL);
  ck_assert(lies_on(area.all(), kHome));
}
END_TEST

START_TEST(the_limit_of_a_cgroup_is_enomem_and_nothing_is_done) {
  const std::string kills = oom_kills();
  enter_cgroup("memory.max", "128M");
  const Area area(96);
  ck_assert_int_eq(prefetch(area.all(), kTarget), -ENOMEM);
  ck_assert_uint_eq(contract::present_bytes(area.all()), 0);
  // What fits is prefetched, and what is counted already may move.
  const ByteRange half = area.bytes(0, 40 * kPage);
  ck_assert_int_eq(prefetch(half, kTarget), 0);
  ck_assert(lies_on(half, kTarget));
  ck_assert_int_eq(prefetch(half, kHome), 0);
  ck_assert(lies_on(half, kHome));
  ck_assert_str_eq(oom_kills().c_str(), kills.c_str());
}
END_TEST

void limit(__rlimit_resource resource, rlim_t value) {
  const rlimit limits = {value, value};
  ck_assert_int_eq(setrlimit(resource, &limits), 0);
}

START_TEST(no_address_space_is_needed) {
  const Area area(40);
  limit(RLIMIT_AS, 1);
  ck_assert_int_eq(prefetch(area.all(), kTarget), 0);
  std::size_t resident = 0;
  ck_assert_int_eq(gmem::current_device()->resident_size(
                       area.all(), Hnid{kTarget}, &resident),
                   0);
  ck_assert_uint_eq(resident, area.size());
}
END_TEST

START_TEST(no_leave_to_lock_memory_is_needed) {
  const Area area(4);
  fill_at_home(area, false);
  ck_assert_int_eq(mlock(area.data(), area.size()), 0);
  limit(RLIMIT_MEMLOCK, 0);
  become_nobody();
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  ck_assert_int_eq(prefetch(area.all(), kTarget), 0);
  ck_assert(lies_on(area.all(), kTarget));
  ck_assert_uint_eq(contract::locked_bytes(area.all()), area.size());
}
END_TEST

START_TEST(on_one_node_a_container_forbids_nothing) {
  const Area area(20);
  for (const Container container :
       {Container::kPlain, Container::kWithSysNice}) {
    int result = 1;
    in_container(container, [&] { result = prefetch(area.all(), 0); });
    ck_assert_int_eq(result, 0);
    ck_assert_uint_eq(contract::present_bytes(area.all()), area.size());
  }
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("limits");
  TCase* group = tcase_create("limits");
  suite_add_tcase(suite, group);
  if (!has_several_nodes()) {
    tcase_add_test(group, on_one_node_a_container_forbids_nothing);
    return suite;
  }
  for (const TTest* test : std::array{
           with_sys_nice_memory_without_a_policy_moves,
           with_sys_nice_untouched_memory_comes_to_lie_on_the_node,
           with_sys_nice_a_policy_is_kept_and_nothing_moves,
           with_sys_nice_resident_memory_is_counted_by_node,
           a_plain_container_counts_resident_memory_of_all_nodes_alone,
           a_plain_container_fills_memory_in_and_says_what_it_cannot,
           a_plain_container_leaves_memory_where_it_is,
           a_plain_container_knows_what_lies_where_it_should,
           what_cannot_be_enforced_is_said_once,
           no_privilege_is_needed,
           without_proc_of_its_own_a_process_prefetches_all_the_same,
           nodes_outside_the_cpuset_are_refused,
           a_node_that_leaves_the_cpuset_is_refused,
           the_limit_of_a_cgroup_is_enomem_and_nothing_is_done,
           no_address_space_is_needed,
           no_leave_to_lock_memory_is_needed,
       })
    tcase_add_test(group, test);
  return suite;
}
