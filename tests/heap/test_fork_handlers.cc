// SPDX-License-Identifier: MulanPSL-2.0
// Forks among handlers of others that allocate, in whatever order they were
// registered, and in signal handlers, wherever these have come in between; while
// other threads allocate, and use streams.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/check_main.h"

namespace {

// Blocks of all kinds, so that each lock of the heap's comes to be wanted.
bool use_heap() {
  for (std::size_t size = 16; size < std::size_t{24} << 20; size *= 2) {
    auto* const block = static_cast<char*>(malloc(size));
    if (block == nullptr) return false;
    block[0] = block[size - 1] = 1;
    void* const grown = realloc(block, size + size / 2);
    if (grown == nullptr) return false;
    free(grown);
  }
  std::vector<void*> blocks(2000);
  for (void*& block : blocks) block = calloc(1, 200);
  for (void* block : blocks) free(block);
  return true;
}

// 1: the handlers allocate.
std::atomic<bool> handlers_allocate{false};
std::atomic<int> handler_calls{0};

void handler() {
  if (!handlers_allocate) return;
  ++handler_calls;
  if (!use_heap()) _exit(3);
}

// The first of all, before any library's constructor: in preparation called
// last, when the heap is prepared already.
void register_first() { pthread_atfork(handler, handler, handler); }
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const before_all)() = register_first;

// The child's end, or 256 where it could not be made.
int fork_and_use_heap() {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(use_heap() ? 0 : 4);
  }
  int status = 256;
  while (child > 0 && waitpid(child, &status, 0) == -1 && errno == EINTR) {
  }
  return status;
}

// Threads that do something until the end, with all signals blocked.
class Company {
 public:
  template <typename... Works>
  explicit Company(Works... works) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    (threads_.emplace_back([this, works] {
      while (!ends_) works();
    }),
     ...);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~Company() {
    ends_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Company(const Company&) = delete;
  Company& operator=(const Company&) = delete;

 private:
  std::atomic<bool> ends_{false};
  std::vector<std::thread> threads_;
};

void allocate() {
  static thread_local unsigned seed = 1;
  for (int i = 0; i < 100; ++i)
    free(malloc(1 + rand_r(&seed) % (i % 9 == 0 ? 100000 : 3000)));
}

// Takes the list of streams while another thread may have one of them.
void use_streams() {
  FILE* const file = fopen("/dev/null", "we");
  if (file == nullptr) return;
  fputs("x", file);
  fflush(nullptr);
  fclose(file);
}

// A stream that allocates under its lock.
void write_to_stream_that_allocates() {
  char* text = nullptr;
  std::size_t length = 0;
  FILE* const file = open_memstream(&text, &length);
  if (file == nullptr) return;
  for (int i = 0; i < 200; ++i) fprintf(file, "%0*d", 100, i);
  fclose(file);
  free(text);
}

START_TEST(handlers_of_others_allocate) {
  pthread_atfork(handler, handler, handler);  // and the last of all
  const Company company(allocate, allocate, use_streams);
  handlers_allocate = true;
  handler_calls = 0;
  for (int i = 0; i < 20; ++i) ck_assert_int_eq(fork_and_use_heap(), 0);
  ck_assert_int_eq(handler_calls, 20 * 4);  // the child's count in the child
}
END_TEST

START_TEST(handlers_of_others_allocate_in_a_process_of_one_thread) {
  handlers_allocate = true;
  for (int i = 0; i < 20; ++i) ck_assert_int_eq(fork_and_use_heap(), 0);
}
END_TEST

START_TEST(others_use_streams_meanwhile) {
  const Company company(use_streams, write_to_stream_that_allocates,
                        use_streams, allocate);
  for (int i = 0; i < 300; ++i) ck_assert_int_eq(fork_and_use_heap(), 0);
}
END_TEST

// One signal comes to this thread, in its own time; the next is to be asked for,
// or a handler that takes longer would let the thread go on by nothing.
class Timer {
 public:
  Timer() {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR1;
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    exists_ = timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) == 0;
  }
  ~Timer() { timer_delete(timer_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool start() {
    const itimerspec once = {{0, 0}, {0, 300000}};
    return exists_ && timer_settime(timer_, 0, &once, nullptr) == 0;
  }

 private:
  timer_t timer_{};
  bool exists_ = false;
};

volatile sig_atomic_t signals = 0, failures = 0;
Timer* timer = nullptr;

// What the interrupted call was about to change may be half changed, so that
// the child does with the heap what it can do: it allocates a little.
void fork_in_handler(int) {
  const int error = errno;
  signals = signals + 1;
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(malloc(100) != nullptr ? 0 : 4);
  }
  int status = 256;
  while (child > 0 && waitpid(child, &status, 0) == -1 && errno == EINTR) {
  }
  if (status != 0 || !timer->start()) failures = failures + 1;
  errno = error;
}

template <typename Work>
void fork_while_interrupting(const Work& work, int times) {
  struct sigaction action {};
  action.sa_handler = fork_in_handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
  Timer one;
  timer = &one;
  ck_assert(one.start());
  while (signals < times) work();
  signal(SIGUSR1, SIG_IGN);
  ck_assert_int_eq(failures, 0);
}

constexpr int kTimes = 500;

START_TEST(a_handler_forks_where_it_interrupts_malloc_or_free) {
  const Company company(allocate, allocate);
  fork_while_interrupting(allocate, kTimes);
}
END_TEST

// Straight from an arena, under locks that others wait for with locks of their
// own: so no order of the locks can serve a fork in between.
void allocate_large() {
  static thread_local unsigned seed = 1;
  void* blocks[8];
  for (void*& block : blocks) {
    block = malloc((64 << 10) + rand_r(&seed) % (8 << 20));
    if (block != nullptr) *static_cast<char*>(block) = 1;
  }
  for (void* block : blocks) free(realloc(block, rand_r(&seed) % (8 << 20)));
}

START_TEST(a_handler_forks_where_it_interrupts_malloc_of_large_blocks) {
  const Company company(allocate_large, allocate_large, allocate_large);
  fork_while_interrupting(allocate_large, kTimes);
}
END_TEST

// The thread of the handler has locks that the forking ones wait for.
START_TEST(a_handler_forks_while_other_threads_fork) {
  const auto fork_at_times = [] {
    allocate_large();
    if (fork_and_use_heap() != 0) abort();
  };
  const Company company(fork_at_times, fork_at_times);
  fork_while_interrupting(allocate_large, kTimes / 5);
}
END_TEST

START_TEST(a_handler_forks_where_it_interrupts_the_only_threads_malloc) {
  fork_while_interrupting(allocate, kTimes);
}
END_TEST

START_TEST(a_handler_forks_where_it_interrupts_the_only_threads_fork) {
  fork_while_interrupting(
      [] {
        const pid_t child = fork();
        if (child == 0) _exit(0);
        int status = 0;
        while (waitpid(child, &status, 0) == -1 && errno == EINTR) {
        }
      },
      kTimes);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("fork handlers");
  TCase* group = tcase_create("fork handlers");
  tcase_set_timeout(group, 180);
  tcase_add_test(group, handlers_of_others_allocate);
  tcase_add_test(group, handlers_of_others_allocate_in_a_process_of_one_thread);
  tcase_add_test(group, others_use_streams_meanwhile);
  tcase_add_test(group, a_handler_forks_where_it_interrupts_malloc_or_free);
  tcase_add_test(group,
                 a_handler_forks_where_it_interrupts_malloc_of_large_blocks);
  tcase_add_test(group, a_handler_forks_while_other_threads_fork);
  tcase_add_test(group,
                 a_handler_forks_where_it_interrupts_the_only_threads_malloc);
  tcase_add_test(group,
                 a_handler_forks_where_it_interrupts_the_only_threads_fork);
  suite_add_tcase(suite, group);
  return suite;
}
