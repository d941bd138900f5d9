// SPDX-License-Identifier: MulanPSL-2.0
// What was freed serves any other request before the heap says that there is no
// memory: as one block where it was many, and the other way round.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support/check_main.h"
#include "support/child_process.h"

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

bool limit(int resource) {
  const rlimit limit = {600 * kMiB, 600 * kMiB};
  return setrlimit(resource, &limit) == 0;
}

// As many blocks as there are; their memory in all.
std::size_t use_up(std::size_t size, std::vector<void*>& blocks) {
  void* block = nullptr;
  while (blocks.size() < blocks.capacity() &&
         (block = malloc(size)) != nullptr) {
    memset(block, 1, size);
    blocks.push_back(block);
  }
  return blocks.size() * size;
}

void free_all(std::vector<void*>& blocks) {
  for (void* block : blocks) free(block);
  blocks.clear();
}

int many_blocks_become_one(int resource, std::size_t size, bool by_threads) {
  std::vector<void*> blocks;
  blocks.reserve(kMiB);
  std::atomic<bool> used_up{false};
  std::thread other;  // while there is memory for its stack
  if (by_threads)
    other = std::thread([&] {
      while (!used_up) std::this_thread::yield();
      free_all(blocks);
    });
  if (!limit(resource)) return 2;
  const std::size_t total = use_up(size, blocks);
  used_up = true;
  if (by_threads)
    other.join();
  else
    free_all(blocks);
  void* const one = malloc(total / 4 * 3);
  if (one == nullptr) return 3;
  free(one);
  // And many again, of other sizes: nothing is lost on the way.  Beside a thread
  // that gives back meanwhile, pieces may not fit together.
  const std::size_t least = by_threads ? total / 2 : total / 4 * 3;
  for (const std::size_t next : {size + size / 2, size, size / 2 + 100}) {
    if (use_up(next, blocks) < least) return 4;
    free_all(blocks);
  }
  return 0;
}

START_TEST(many_freed_blocks_become_one) {
  for (const int resource : {RLIMIT_AS, RLIMIT_DATA})
    for (const std::size_t size :
         {std::size_t{4000}, kMiB / 16, kMiB, 9 * kMiB})
      for (const bool by_threads : {false, true}) {
        const int status = run_in_child(
            [=] { return many_blocks_become_one(resource, size, by_threads); });
        ck_assert_msg(status == 0, "limit %d, blocks of %zu, %s: %d", resource,
                      size, by_threads ? "freed by a thread" : "alone", status);
      }
}
END_TEST

// What cannot be had by any means is refused at once, and costs nobody what is
// kept for later.
START_TEST(absurd_requests_purge_nothing) {
  std::vector<void*> blocks(256);
  for (void*& block : blocks) block = memset(malloc(kMiB / 4), 1, kMiB / 4);
  free_all(blocks);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    errno = 0;
    ck_assert_ptr_null(malloc(std::size_t{1} << 46));
    ck_assert_int_eq(errno, ENOMEM);
  }
  ck_assert(std::chrono::steady_clock::now() - start <
            std::chrono::seconds(10));
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("memory used up");
  TCase* group = tcase_create("memory used up");
  tcase_set_timeout(group, 180);
  tcase_add_test(group, many_freed_blocks_become_one);
  tcase_add_test(group, absurd_requests_purge_nothing);
  suite_add_tcase(suite, group);
  return suite;
}
