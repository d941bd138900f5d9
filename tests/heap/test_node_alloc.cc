// SPDX-License-Identifier: MulanPSL-2.0
// gmemAlloc and gmemFree as calls; where the memory lies on a machine with
// several nodes is looked at in the guests of tests/vm.
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "libgmem.h"
#include "support/check_main.h"

namespace {

int some_node() {
  const int node = gmemGetNumaId();
  ck_assert_int_ge(node, 0);
  return node;
}

START_TEST(blocks_of_all_sizes_are_usable_and_resident_on_the_node) {
  const int node = some_node();
  for (size_t size = 1; size < size_t{64} << 20; size = size * 3 + 1) {
    void* const block = gmemAlloc(size, node);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_ge(malloc_usable_size(block), size);
    memset(block, 1, size);
    size_t resident = 0;
    ck_assert_int_eq(gmemGetResidentSize(reinterpret_cast<unsigned long>(block),
                                         size, node, &resident),
                     0);
    ck_assert_uint_eq(resident, size);
    gmemFree(block);
  }
}
END_TEST

START_TEST(bad_nodes_give_einval) {
  for (int node : {-1, -2, 1023, 1024, 100000, INT32_MAX, INT32_MIN}) {
    errno = 0;
    ck_assert_ptr_null(gmemAlloc(10, node));
    ck_assert_int_eq(errno, EINVAL);
  }
}
END_TEST

START_TEST(sizes_that_cannot_be_had_give_enomem) {
  volatile size_t too_large = SIZE_MAX - 4096;
  errno = 0;
  ck_assert_ptr_null(gmemAlloc(too_large, some_node()));
  ck_assert_int_eq(errno, ENOMEM);
}
END_TEST

START_TEST(zero_bytes_are_a_block_and_null_can_be_freed) {
  void* const block = gmemAlloc(0, some_node());
  ck_assert_ptr_nonnull(block);
  gmemFree(block);
  gmemFree(nullptr);
}
END_TEST

START_TEST(free_and_realloc_take_such_blocks_and_gmem_free_any) {
  const int node = some_node();
  for (int i = 0; i < 1000; ++i) {
    free(gmemAlloc(100, node));
    gmemFree(malloc(100));
    char* block = static_cast<char*>(gmemAlloc(200, node));
    memset(block, 'n', 200);
    block = static_cast<char*>(realloc(block, 5000000));
    ck_assert_ptr_nonnull(block);
    for (int at = 0; at < 200; ++at) ck_assert_int_eq(block[at], 'n');
    block = static_cast<char*>(realloc(block, 50));
    for (int at = 0; at < 50; ++at) ck_assert_int_eq(block[at], 'n');
    if (i % 2 == 0)
      gmemFree(block);
    else
      free(block);
  }
}
END_TEST

START_TEST(a_failed_realloc_leaves_the_block) {
  volatile size_t too_large = SIZE_MAX - 4096;
  char* const block = static_cast<char*>(gmemAlloc(100, some_node()));
  memset(block, 'k', 100);
  errno = 0;
  ck_assert_ptr_null(realloc(block, too_large));
  ck_assert_int_eq(errno, ENOMEM);
  ck_assert_int_eq(block[99], 'k');
  gmemFree(block);
}
END_TEST

void churn(int node) {
  std::vector<void*> blocks;
  for (size_t i = 0; i < 2000; ++i) {
    blocks.push_back(gmemAlloc(i * 13 % 40000, node));
    if (blocks.back() == nullptr) abort();
    memset(blocks.back(), 1, i % 64);
    if (i % 3 == 0) {
      gmemFree(blocks[i / 2]);
      blocks[i / 2] = nullptr;
    }
  }
  for (void* block : blocks) gmemFree(block);
}

START_TEST(many_threads_and_forks_share_a_nodes_arena) {
  const int node = some_node();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back(churn, node);
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(30);
      churn(node);
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    ck_assert_int_eq(status, 0);
  }
  for (std::thread& thread : threads) thread.join();
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("node allocation");
  TCase* group = tcase_create("node allocation");
  tcase_set_timeout(group, 120);
  tcase_add_test(group,
                 blocks_of_all_sizes_are_usable_and_resident_on_the_node);
  tcase_add_test(group, bad_nodes_give_einval);
  tcase_add_test(group, sizes_that_cannot_be_had_give_enomem);
  tcase_add_test(group, zero_bytes_are_a_block_and_null_can_be_freed);
  tcase_add_test(group, free_and_realloc_take_such_blocks_and_gmem_free_any);
  tcase_add_test(group, a_failed_realloc_leaves_the_block);
  tcase_add_test(group, many_threads_and_forks_share_a_nodes_arena);
  suite_add_tcase(suite, group);
  return suite;
}
