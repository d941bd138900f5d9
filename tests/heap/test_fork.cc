// SPDX-License-Identifier: MulanPSL-2.0
// fork in a program whose threads are busy in the heap: child and parent go
// on allocating, in this and in later generations.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "support/check_main.h"

namespace {

constexpr unsigned kSecondsUntilHung = 30;

void churn(unsigned seed, int steps) {
  std::mt19937 random(seed);
  std::vector<void*> blocks(200);
  for (int step = 0; step < steps; ++step) {
    void*& block = blocks[random() % blocks.size()];
    free(block);
    const size_t size =
        random() % 100 == 0 ? random() % (4 << 20) : random() % 3000;
    block = malloc(size);
    if (block == nullptr) abort();
    memset(block, 1, size < 64 ? size : 64);
  }
  for (void* block : blocks) free(block);
}

// The child's exit status, or -1 where it hung or crashed.
int wait_for(pid_t child) {
  int status = -1;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// Children of children, threads of their own in each.
[[noreturn]] void be_a_child(int generations) {
  alarm(kSecondsUntilHung);
  std::thread thread(churn, 5, 500);
  churn(6, 500);
  if (generations > 1) {
    const pid_t child = fork();
    if (child == 0) be_a_child(generations - 1);
    if (wait_for(child) != 0) _exit(1);
  }
  thread.join();
  _exit(0);
}

class BusyThreads {
 public:
  explicit BusyThreads(int count) {
    for (int i = 0; i < count; ++i)
      threads_.emplace_back([this, i] {
        for (unsigned round = 0; !done_; ++round)
          churn(static_cast<unsigned>(i) * 1000 + round, 2000);
      });
  }
  ~BusyThreads() {
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::vector<std::thread> threads_;
};

START_TEST(child_and_parent_go_on_allocating) {
  BusyThreads busy(8);
  for (int i = 0; i < 100; ++i) {
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) be_a_child(1);
    churn(static_cast<unsigned>(i), 200);
    ck_assert_int_eq(wait_for(child), 0);
  }
}
END_TEST

START_TEST(three_generations_fork_with_threads) {
  BusyThreads busy(4);
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) be_a_child(3);
    ck_assert_int_eq(wait_for(child), 0);
  }
}
END_TEST

START_TEST(two_threads_fork_at_once) {
  BusyThreads busy(2);
  std::atomic<int> bad{0};
  std::vector<std::thread> forkers;
  for (int t = 0; t < 2; ++t)
    forkers.emplace_back([&bad] {
      for (int i = 0; i < 50; ++i) {
        const pid_t child = fork();
        if (child == 0) be_a_child(1);
        if (wait_for(child) != 0) ++bad;
      }
    });
  for (std::thread& forker : forkers) forker.join();
  ck_assert_int_eq(bad, 0);
}
END_TEST

START_TEST(posix_spawn_and_system_work_beside_busy_threads) {
  BusyThreads busy(4);
  for (int i = 0; i < 50; ++i) ck_assert_int_eq(system("exit 0"), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("heap fork");
  TCase* group = tcase_create("heap fork");
  tcase_set_timeout(group, 240);
  tcase_add_test(group, child_and_parent_go_on_allocating);
  tcase_add_test(group, three_generations_fork_with_threads);
  tcase_add_test(group, two_threads_fork_at_once);
  tcase_add_test(group, posix_spawn_and_system_work_beside_busy_threads);
  suite_add_tcase(suite, group);
  return suite;
}
