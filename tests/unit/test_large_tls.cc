// SPDX-License-Identifier: MulanPSL-2.0
// The library's threads in a program whose thread-local variables are larger than
// the stacks that these threads are given.
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>

#include "core/start_thread.h"
#include "host/crew.h"
#include "support/check_main.h"

namespace {

using gmem::ByteRange;
using gmem::Error;

constexpr std::size_t kMiB = std::size_t{1} << 20;

thread_local volatile char variables[kMiB];

START_TEST(a_thread_starts) {
  std::atomic<bool> ran{false};
  pthread_t thread;
  ck_assert(gmem::start_thread(
      [](void* flag) -> void* {
        variables[kMiB - 1] = 1;
        *static_cast<std::atomic<bool>*>(flag) = true;
        return nullptr;
      },
      &ran, &thread));
  ck_assert_int_eq(pthread_join(thread, nullptr), 0);
  ck_assert(ran);
}
END_TEST

std::atomic<int> others{0};
pthread_t caller;

// Long enough for a helper to come to a piece.
Error take_long(const ByteRange&, int) {
  variables[0] = 1;
  if (pthread_equal(pthread_self(), caller) == 0) ++others;
  usleep(20000);
  return 0;
}

START_TEST(a_large_range_has_helpers) {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) < 2)
    return;
  caller = pthread_self();
  const auto range = *ByteRange::from(kMiB << 12, 256 * kMiB);
  ck_assert_int_eq(
      gmem::host::work_in_pieces(range, range.size(), take_long, 0), 0);
  ck_assert_int_gt(others, 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("large TLS");
  TCase* group = tcase_create("large TLS");
  tcase_add_test(group, a_thread_starts);
  tcase_add_test(group, a_large_range_has_helpers);
  suite_add_tcase(suite, group);
  return suite;
}
