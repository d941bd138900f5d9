// SPDX-License-Identifier: MulanPSL-2.0
// Where the heap's memory really lies: gmemAlloc's, and, with conf
// "heap_node:N", all of it.  The program runs on the heap, as libgmem is
// linked to it; for other settings it runs itself again.
#include <errno.h>
#include <malloc.h>
#include <numaif.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>
#include <functional>
#include <thread>

// First: Check's macros do not get on with streams.
#include "libgmem.h"
#include "support/check_main.h"
#include "support/child_process.h"
#include "support/run_again.h"
#include "vm/placement.h"

namespace {

using namespace placement;

constexpr std::size_t kSizes[] = {1,      100,     5000,    40000,
                                  300000, 3 << 20, 17 << 20};

ByteRange range_of(void* block, std::size_t size) {
  return *ByteRange::from(reinterpret_cast<std::uintptr_t>(block), size);
}

// On a thread that the kernel would give memory of node 0.
void touch(void* block, std::size_t size) {
  std::thread([=] { fill_on(kHome, range_of(block, size)); }).join();
}

bool block_lies_on(void* block, std::size_t size, int node) {
  for (const int found : nodes_of(range_of(block, size)))
    if (found != node) return false;
  return true;
}

START_TEST(blocks_of_all_sizes_lie_on_their_node) {
  for (const int node : {kTarget, kSmall, kHome}) {
    for (const std::size_t size : kSizes) {
      void* const block = gmemAlloc(size, node);
      ck_assert_ptr_nonnull(block);
      touch(block, size);
      ck_assert_msg(block_lies_on(block, size, node), "%zu bytes on %d", size,
                    node);
      gmemFree(block);
    }
  }
}
END_TEST

START_TEST(blocks_of_two_nodes_do_not_share_a_page) {
  std::vector<char*> blocks[3];
  for (std::size_t i = 0; i < 3000; ++i) {
    const int node = static_cast<int>(i % 3);
    auto* const block = static_cast<char*>(gmemAlloc(24 + i % 500, node));
    *block = 'x';
    blocks[node].push_back(block);
    *static_cast<volatile char*>(malloc(24 + i % 500)) = 'y';
  }
  for (const int node : {kHome, kTarget, kSmall})
    for (char* block : blocks[node]) ck_assert(block_lies_on(block, 1, node));
}
END_TEST

START_TEST(realloc_keeps_the_node) {
  char* block = static_cast<char*>(gmemAlloc(10, kTarget));
  touch(block, 10);
  for (const std::size_t size :
       {std::size_t{3000}, std::size_t{9} << 20, std::size_t{200000}}) {
    block = static_cast<char*>(realloc(block, size));
    touch(block, size);
    ck_assert(block_lies_on(block, size, kTarget));
  }
  free(block);
}
END_TEST

START_TEST(memory_that_was_freed_and_used_again_lies_there_too) {
  for (int i = 0; i < 20; ++i) {
    const int node = i % 2 == 0 ? kTarget : kSmall;
    const std::size_t size = std::size_t{5} << 20;
    void* const block = gmemAlloc(size, node);
    touch(block, size);
    ck_assert(block_lies_on(block, size, node));
    gmemFree(block);
    void* const ordinary = malloc(size);
    touch(ordinary, size);
    ck_assert(block_lies_on(ordinary, size, kHome));
    free(ordinary);
  }
}
END_TEST

START_TEST(a_child_of_fork_copies_to_the_same_node) {
  const std::size_t size = std::size_t{3} << 20;
  void* const block = gmemAlloc(size, kTarget);
  touch(block, size);
  ck_assert_int_eq(run_in_child([&] {
                     memset(block, 'c', size);
                     if (!block_lies_on(block, size, kTarget)) return 1;
                     void* const own = gmemAlloc(size, kTarget);
                     memset(own, 'd', size);
                     return block_lies_on(own, size, kTarget) ? 0 : 2;
                   }),
                   0);
}
END_TEST

START_TEST(a_full_node_spills_and_nobody_is_killed) {
  const std::string kills = oom_kills();
  ck_assert_int_eq(run_in_child([&] {
                     const NodeFiller filler(kSmall);
                     const std::size_t size = std::size_t{80} << 20;
                     void* const block = gmemAlloc(size, kSmall);
                     if (block == nullptr) return 1;
                     memset(block, 's', size);
                     return block_lies_on(block, size, kSmall) ? 2 : 0;
                   }),
                   0);
  ck_assert_str_eq(oom_kills().c_str(), kills.c_str());
}
END_TEST

constexpr char kBalancing[] = "/proc/sys/kernel/numa_balancing";

// Uses a block, which lies on kTarget, until balancing has been at work.
void expect_to_stay_when_balanced(void* block, std::size_t size) {
  // Memory without a policy shows that balancing is at work.
  const contract::Area other(8);
  fill_on(kTarget, other.all());
  write_to(kBalancing, "1");
  const time_t end = time(nullptr) + 20;
  while (lies_on(other.all(), kTarget) && time(nullptr) < end) {
    for (std::size_t at = 0; at < size; at += 64)
      ++static_cast<volatile char*>(block)[at];
    for (std::size_t at = 0; at < other.size(); at += 64)
      ++*static_cast<volatile char*>(other.data(at));
  }
  write_to(kBalancing, "0");
  ck_assert(block_lies_on(block, size, kTarget));
  ck_assert(!lies_on(other.all(), kTarget));
}

START_TEST(numa_balancing_moves_none_of_it) {
  const std::size_t size = std::size_t{16} << 20;
  void* const block = gmemAlloc(size, kTarget);
  touch(block, size);
  expect_to_stay_when_balanced(block, size);
  gmemFree(block);
}
END_TEST

START_TEST(what_malloc_gave_stays_where_it_was_prefetched) {
  const std::size_t size = std::size_t{16} << 20;
  void* const block = malloc(size);
  touch(block, size);
  write_to(kBalancing, "1");
  const int error = gmemPrefetch(reinterpret_cast<unsigned long>(block), size,
                                 kTarget, nullptr);
  write_to(kBalancing, "0");
  ck_assert_int_eq(error, 0);
  expect_to_stay_when_balanced(block, size);
  free(block);
}
END_TEST

void expect_passed_with(const char* conf, const char* test_case) {
  ck_assert_int_eq(run_again_with(conf, test_case), 0);
}

START_TEST(heap_node_puts_the_whole_heap_there) {
  expect_passed_with("heap_node:1", "whole heap");
}
END_TEST

START_TEST(all_that_malloc_gives_lies_on_the_heaps_node) {
  const char* const conf = getenv("GMEM_CONF");
  const int node =
      conf != nullptr && strstr(conf, "heap_node:1") ? kTarget : kHome;
  for (const std::size_t size : kSizes) {
    void* const block = malloc(size);
    touch(block, size);
    ck_assert_msg(block_lies_on(block, size, node), "%zu bytes", size);
    free(block);
    // A node that is named for a block stands above that of the heap.
    void* const elsewhere = gmemAlloc(size, kSmall);
    touch(elsewhere, size);
    ck_assert_msg(block_lies_on(elsewhere, size, kSmall), "%zu bytes", size);
    gmemFree(elsewhere);
  }
}
END_TEST

START_TEST(strict_placement_binds) {
  expect_passed_with("placement:strict", "policy");
}
END_TEST

START_TEST(a_blocks_memory_has_its_nodes_policy) {
  const char* const conf = getenv("GMEM_CONF");
  const bool strict = conf != nullptr && strstr(conf, "placement:strict");
  void* const block = gmemAlloc(5000, kTarget);
  int mode = -1;
  ck_assert_int_eq(get_mempolicy(&mode, nullptr, 0, block, MPOL_F_ADDR), 0);
  ck_assert_int_eq(mode, strict ? MPOL_BIND : MPOL_PREFERRED);
  gmemFree(block);
}
END_TEST

START_TEST(there_is_one_node_for_all_blocks) {
  ck_assert_ptr_null(gmemAlloc(10, 1));
  ck_assert_int_eq(errno, EINVAL);
  for (const std::size_t size : kSizes) {
    void* const block = gmemAlloc(size, 0);
    ck_assert_ptr_nonnull(block);
    memset(block, 'o', size);
    std::size_t resident = 0;
    ck_assert_int_eq(gmemGetResidentSize(reinterpret_cast<unsigned long>(block),
                                         size, 0, &resident),
                     0);
    ck_assert_uint_eq(resident, size);
    gmemFree(block);
  }
}
END_TEST

// Allocates and fills so much in a cgroup of 96 MiB, again and again; how that
// ended, as waitpid tells.
int fill_in_small_cgroup(std::size_t size, int rounds) {
  const pid_t child = fork();
  if (child == 0) {
    enter_cgroup("memory.max", "96M");
    for (int round = 0; round < rounds; ++round) {
      void* const block = malloc(size);
      if (block == nullptr) _exit(1);
      // The compiler would leave out what nobody reads.
      auto* const bytes = static_cast<volatile char*>(block);
      for (std::size_t at = 0; at < size; at += 4096) bytes[at] = 1;
      free(block);
    }
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

// No malloc can do better: the kernel counts memory when it is touched.
START_TEST(a_full_cgroup_ends_who_fills_it_and_nobody_else) {
  ck_assert_int_eq(fill_in_small_cgroup(std::size_t{48} << 20, 20), 0);
  const int status = fill_in_small_cgroup(std::size_t{200} << 20, 1);
  ck_assert(WIFSIGNALED(status));
  ck_assert_int_eq(WTERMSIG(status), SIGKILL);
  free(malloc(std::size_t{16} << 20));
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("heap on nodes");
  TCase* group = tcase_create("heap on nodes");
  suite_add_tcase(suite, group);
  if (!has_several_nodes()) {
    tcase_add_test(group, there_is_one_node_for_all_blocks);
    return suite;
  }
  for (const TTest* test : std::array{
           blocks_of_all_sizes_lie_on_their_node,
           blocks_of_two_nodes_do_not_share_a_page,
           realloc_keeps_the_node,
           memory_that_was_freed_and_used_again_lies_there_too,
           a_child_of_fork_copies_to_the_same_node,
           a_full_node_spills_and_nobody_is_killed,
           a_full_cgroup_ends_who_fills_it_and_nobody_else,
           numa_balancing_moves_none_of_it,
           what_malloc_gave_stays_where_it_was_prefetched,
           heap_node_puts_the_whole_heap_there,
           strict_placement_binds,
       })
    tcase_add_test(group, test);
  TCase* whole = tcase_create("whole heap");
  tcase_add_test(whole, all_that_malloc_gives_lies_on_the_heaps_node);
  suite_add_tcase(suite, whole);
  TCase* policy = tcase_create("policy");
  tcase_add_test(policy, a_blocks_memory_has_its_nodes_policy);
  suite_add_tcase(suite, policy);
  return suite;
}
