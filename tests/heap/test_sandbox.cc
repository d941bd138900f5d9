// SPDX-License-Identifier: MulanPSL-2.0
// From inside malloc the heap makes few system calls, so that a program which
// has entered a sandbox can go on allocating.  Here the kernel ends the process at
// any other call, in each profile, with and without the looking for misuse.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "support/check_main.h"
#include "support/child_process.h"
#include "support/run_again.h"

extern "C" {
void* pvalloc(size_t) noexcept;
void free_sized(void*, size_t) noexcept;
}

namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#endif

// What malloc may call, and the end.  A signal handler's return is not of the
// heap's doing.
constexpr unsigned kAllowed[] = {
    SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_futex,
    SYS_getrandom, SYS_exit, SYS_exit_group,
    // Last: most kernels tell the time without being called.
    SYS_clock_gettime};

constexpr int kNoSandbox = 77;

enum class Clock { kCalled, kNotCalled };

// For all threads of the process.
bool enter_sandbox(Clock clock) {
  const std::size_t calls =
      std::size(kAllowed) - (clock == Clock::kNotCalled ? 1 : 0);
  sock_filter filter[std::size(kAllowed) + 6];
  std::size_t length = 0;
  const auto add = [&](sock_filter step) { filter[length++] = step; };
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 0,
               static_cast<unsigned char>(calls + 1)));
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (std::size_t i = 0; i < calls; ++i)
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kAllowed[i],
                 static_cast<unsigned char>(calls - i), 0));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program = {static_cast<unsigned short>(length), filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                 SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;

std::atomic<bool> failed{false};

void* filled(void* block, std::size_t size) {
  if (block == nullptr)
    failed = true;
  else
    memset(block, 1, size);
  return block;
}

// Grows to so much by blocks of a size, and shrinks.
void grow_and_shrink(std::size_t total, std::size_t size) {
  std::vector<void*> blocks(total / size);
  for (void*& block : blocks) block = filled(malloc(size), size);
  // Every other one first, so that pages are left that are partly in use.
  for (std::size_t i = 0; i < blocks.size(); i += 2) free(blocks[i]);
  for (std::size_t i = 1; i < blocks.size(); i += 2) free(blocks[i]);
}

void use_family() {
  for (std::size_t size = 1; size < 64 * kMiB; size = size * 3 + 1) {
    free(filled(calloc(1, size), size));
    free(filled(realloc(filled(malloc(size), size), size * 2), size * 2));
    free(filled(memalign(4096, size), size));
    free(filled(aligned_alloc(64, size), size));
    free(filled(valloc(size), size));
    free(filled(pvalloc(size), size));
    free_sized(filled(malloc(size), size), size);
    void* aligned = nullptr;
    if (posix_memalign(&aligned, 256, size) != 0) failed = true;
    if (malloc_usable_size(aligned) < size) failed = true;
    free(aligned);
  }
  for (std::size_t size = 8 * kMiB; size <= 64 * kMiB; size *= 2) {
    void* const block = filled(memalign(2 * kMiB, size), size);
    void* const in_its_way = malloc(size);
    free(realloc(block, 5 * size));
    free(in_its_way);
  }
  if (malloc(SIZE_MAX / 4) != nullptr) failed = true;
  malloc_trim(0);
}

// As an idle process, which may do nothing but wait; ends by the clock.
void wait_idly(int milliseconds) {
  static int never_changes = 0;
  const timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  syscall(SYS_futex, &never_changes, 128, 0, &time, nullptr, 0);
}

pthread_barrier_t entered;

void* work_in_sandbox(void*) {
  pthread_barrier_wait(&entered);  // started
  pthread_barrier_wait(&entered);
  grow_and_shrink(64 * kMiB, 100);
  grow_and_shrink(128 * kMiB, 300 * kKiB);
  use_family();
  pthread_barrier_wait(&entered);
  wait_idly(400);  // its cache is emptied meanwhile
  use_family();
  pthread_barrier_wait(&entered);
  wait_idly(1000000);  // a thread's end would change its signal mask
  return nullptr;
}

// Ends with 0 where all went well; the kernel kills it where the heap makes any
// other call.
int live_in_sandbox(unsigned threads, std::size_t most, Clock clock) {
  alarm(100);
  pthread_barrier_init(&entered, nullptr, threads + 1);
  std::vector<pthread_t> workers(threads);
  for (pthread_t& worker : workers)
    if (pthread_create(&worker, nullptr, work_in_sandbox, nullptr) != 0)
      return 2;
  pthread_barrier_wait(&entered);
  wait_idly(100);  // the heap's thread has started, too
  if (!enter_sandbox(clock)) return kNoSandbox;
  pthread_barrier_wait(&entered);
  grow_and_shrink(most, 3000);
  grow_and_shrink(most, 3 * kMiB);
  use_family();
  pthread_barrier_wait(&entered);
  pthread_barrier_wait(&entered);
  wait_idly(400);  // memory goes back
  grow_and_shrink(most / 4, 3000);
  return failed ? 3 : 0;
}

constexpr const char* kConfs[] = {
    "decay:100",
    "decay:100,check:on",
    "profile:speed,decay:100",
    "profile:memory",
    "background_thread:off",
    "huge_pages:always,thread_cache:off,decay:20",
};

bool kernel_tells_time_without_call() {
  return run_in_child([] {
           timespec time;
           if (!enter_sandbox(Clock::kNotCalled)) return kNoSandbox;
           return clock_gettime(CLOCK_MONOTONIC, &time);
         }) == 0;
}

[[gnu::constructor]] void run_the_case() {
  if (getenv("GMEM_CONF") == nullptr) return;
  const char* const threads = getenv("SANDBOX_THREADS");
  const bool some = threads != nullptr;
  exit(live_in_sandbox(
      some ? 3 : 0, some ? 256 * kMiB : 1024 * kMiB,
      kernel_tells_time_without_call() ? Clock::kNotCalled : Clock::kCalled));
}

START_TEST(the_heap_of_a_process_of_one_thread_lives_in_a_sandbox) {
  unsetenv("SANDBOX_THREADS");
  const int status = run_again_with(kConfs[_i]);
  ck_assert_msg(status == 0 || status == kNoSandbox, "%s: ended with %d",
                kConfs[_i], status);
}
END_TEST

START_TEST(the_heap_of_several_threads_lives_in_a_sandbox) {
  setenv("SANDBOX_THREADS", "1", 1);
  const int status = run_again_with(kConfs[_i]);
  ck_assert_msg(status == 0 || status == kNoSandbox, "%s: ended with %d",
                kConfs[_i], status);
}
END_TEST

// The filter does what it is for.
START_TEST(another_call_ends_the_process) {
  const int status = run_in_child([] {
    if (!enter_sandbox(Clock::kCalled)) return kNoSandbox;
    close(0);
    return 0;
  });
  ck_assert(status == -1 || status == kNoSandbox);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("sandbox");
  TCase* group = tcase_create("sandbox");
  tcase_set_timeout(group, 120);
  tcase_add_loop_test(group,
                      the_heap_of_a_process_of_one_thread_lives_in_a_sandbox, 0,
                      std::size(kConfs));
  tcase_add_loop_test(group, the_heap_of_several_threads_lives_in_a_sandbox, 0,
                      std::size(kConfs));
  tcase_add_test(group, another_call_ends_the_process);
  suite_add_tcase(suite, group);
  return suite;
}
