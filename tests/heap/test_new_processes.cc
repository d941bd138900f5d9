// SPDX-License-Identifier: MulanPSL-2.0
// Processes made where it is hardest: while other threads hold locks of stdio
// and allocate, by vfork and posix_spawn, and in signal handlers.
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "support/check_main.h"
#include "support/child_process.h"

namespace {

constexpr unsigned kSecondsUntilHung = 30;

int wait_for(pid_t child) {
  int status = -1;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

class Threads {
 public:
  template <typename Body>
  Threads(int count, Body body) {
    for (int i = 0; i < count; ++i)
      threads_.emplace_back([this, body] {
        while (!done_) body();
      });
  }
  ~Threads() {
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::vector<std::thread> threads_;
};

void allocate() {
  for (size_t size = 1; size < 300000; size = size * 2 + 1) {
    void* const block = malloc(size);
    memset(block, 1, 1);
    free(block);
  }
}

// getline and open_memstream allocate under a lock of stdio.
void allocate_under_locks_of_stdio() {
  char* text = nullptr;
  size_t size = 0;
  FILE* const out = open_memstream(&text, &size);
  flockfile(out);
  for (int i = 0; i < 100; ++i) fprintf(out, "%d lines %s\n", i, "of text");
  funlockfile(out);
  fclose(out);
  free(text);
}

START_TEST(fork_beside_threads_that_allocate_under_locks_of_stdio) {
  Threads busy(4, allocate_under_locks_of_stdio);
  for (int i = 0; i < 100; ++i) {
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
      alarm(kSecondsUntilHung);
      allocate_under_locks_of_stdio();
      fflush(nullptr);
      allocate();
      _exit(0);
    }
    ck_assert_int_eq(wait_for(child), 0);
  }
}
END_TEST

extern "C" char** environ;

START_TEST(posix_spawn_beside_busy_threads) {
  Threads busy(4, allocate);
  char name[] = "true";
  char* const arguments[] = {name, nullptr};
  for (int i = 0; i < 50; ++i) {
    pid_t child = -1;
    ck_assert_int_eq(
        posix_spawnp(&child, name, nullptr, nullptr, arguments, environ), 0);
    ck_assert_int_eq(wait_for(child), 0);
  }
}
END_TEST

START_TEST(vfork_beside_busy_threads) {
  Threads busy(4, allocate);
  for (int i = 0; i < 50; ++i) {
    const pid_t child = vfork();
    if (child == 0) {
      execlp("true", "true", nullptr);
      _exit(127);
    }
    ck_assert_int_eq(wait_for(child), 0);
    allocate();
  }
}
END_TEST

std::atomic<int> made{0};
std::atomic<int> failed{0};
pid_t (*make_child)() = nullptr;
void (*be_child)() = nullptr;

// The next signal comes some time after this one's handler: on a slow machine
// the interrupted call would go on by no more than an instruction otherwise.
void interrupt_again() {
  const itimerval soon = {{0, 0}, {0, 1000}};
  setitimer(ITIMER_REAL, &soon, nullptr);
}

void make_a_child(int number) {
  const pid_t child = make_child();
  if (child == 0) be_child();
  if (child < 0 || wait_for(child) != 0)
    ++failed;
  else
    ++made;
  if (number == SIGALRM) interrupt_again();
}

void handle_with_children(int number, pid_t (*make)(), void (*be)()) {
  make_child = make;
  be_child = be;
  struct sigaction action = {};
  action.sa_handler = make_a_child;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

START_TEST(fork_in_a_handler_that_interrupts_no_call_of_the_heap) {
  Threads busy(2, allocate);
  handle_with_children(SIGUSR1, fork, [] {
    alarm(kSecondsUntilHung);
    allocate();
    _exit(0);
  });
  for (int i = 0; i < 50; ++i) raise(SIGUSR1);
  ck_assert_int_eq(failed, 0);
  ck_assert_int_eq(made, 50);
}
END_TEST

// _Fork runs no handler of ours, so the child may do no more than the
// functions that are safe in handlers; exec is what it was made for.
volatile sig_atomic_t is_child = 0;

// Blocks of so much that a thread's cache alone does not serve them: now and
// then a signal comes while a lock of the heap is held.
void interrupt_the_heap_until(int children) {
  static void* blocks[1 << 9];
  std::minstd_rand random(1);
  interrupt_again();
  while (made + failed < children && !is_child)
    for (void*& block : blocks) {
      free(block);
      block = malloc(random() % 30000);
    }
  const itimerval never = {};
  setitimer(ITIMER_REAL, &never, nullptr);
}

// In a process of its own, whose only thread is this one.  The parent goes on
// with the call that was interrupted.
START_TEST(fork_in_a_handler_that_interrupts_the_only_thread) {
  handle_with_children(SIGALRM, fork, [] { _exit(0); });
  interrupt_the_heap_until(1000);
  ck_assert_int_eq(failed, 0);
  allocate();
}
END_TEST

// The handler returns in the child as well, which goes on with the call.
START_TEST(a_child_of_such_a_handler_finishes_the_call) {
  struct sigaction action = {};
  action.sa_handler = [](int) {
    const pid_t child = fork();
    if (child == 0) {
      is_child = 1;
      return;
    }
    if (child < 0 || wait_for(child) != 0)
      ++failed;
    else
      ++made;
    interrupt_again();
  };
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  interrupt_the_heap_until(1000);
  if (is_child) {
    alarm(kSecondsUntilHung);
    for (int i = 0; i < 10; ++i) allocate();
    _exit(0);
  }
  ck_assert_int_eq(failed, 0);
}
END_TEST

// From glibc 2.34 on.
extern "C" [[gnu::weak]] pid_t _Fork() noexcept;

START_TEST(_Fork_and_exec_in_a_handler_that_interrupts_the_heap) {
  handle_with_children(SIGALRM, _Fork != nullptr ? _Fork : fork, [] {
    execlp("true", "true", nullptr);
    _exit(127);
  });
  interrupt_the_heap_until(200);
  ck_assert_int_eq(failed, 0);
  allocate();
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("heap new processes");
  TCase* group = tcase_create("new processes");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, fork_beside_threads_that_allocate_under_locks_of_stdio);
  tcase_add_test(group, posix_spawn_beside_busy_threads);
  tcase_add_test(group, vfork_beside_busy_threads);
  suite_add_tcase(suite, group);
  // See tests/aarch64/left-out.
  TCase* const handlers = tcase_create("in handlers");
  tcase_set_tags(handlers, "hangs_emulated");
  tcase_set_timeout(handlers, 120);
  tcase_add_test(handlers,
                 fork_in_a_handler_that_interrupts_no_call_of_the_heap);
  tcase_add_test(handlers, fork_in_a_handler_that_interrupts_the_only_thread);
  tcase_add_test(handlers, a_child_of_such_a_handler_finishes_the_call);
  tcase_add_test(handlers,
                 _Fork_and_exec_in_a_handler_that_interrupts_the_heap);
  suite_add_tcase(suite, handlers);
  return suite;
}
