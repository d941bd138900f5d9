// SPDX-License-Identifier: MulanPSL-2.0
// What threads keep for themselves of what they have freed: little, and while
// they sleep nothing; and nobody gets in their way when it is taken from them.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "support/check_main.h"
#include "support/child_process.h"
#include "support/resident_memory.h"
#include "support/run_again.h"

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;

// Fills blocks of a size, as many as make 1 MiB, and frees them.
void use(std::size_t size) {
  std::vector<void*> blocks(size < kMiB ? kMiB / size : 1);
  for (void*& block : blocks) {
    block = malloc(size);
    if (block == nullptr) _exit(3);
    memset(block, 1, size);
  }
  for (void* block : blocks) free(block);
}

void use_sizes(std::size_t from, std::size_t to) {
  for (std::size_t size = from; size <= to; size += size / 4) use(size);
}

// Threads that work, one after the other, and then sleep until the end.
class Pool {
 public:
  template <typename Work>
  Pool(unsigned size, const Work& work) {
    for (unsigned i = 0; i < size; ++i) {
      std::unique_lock<std::mutex> lock(mutex_);
      threads_.emplace_back([this, work] {
        work();
        std::unique_lock<std::mutex> own(mutex_);
        ++done_;
        changed_.notify_all();
        changed_.wait(own, [this] { return ends_; });
      });
      changed_.wait(lock, [this, i] { return done_ == i + 1; });
    }
  }
  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned done_ = 0;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

constexpr unsigned kThreads = 32;

// As long as the slowest machine takes.
bool resident_falls_below(std::size_t kib) {
  for (int i = 0; i < 600 && resident_kib() >= kib; ++i)
    std::this_thread::sleep_for(milliseconds(50));
  return resident_kib() < kib;
}

// Were each to keep what it could, it would be 1.4 GiB.
START_TEST(all_threads_together_keep_little) {
  const std::size_t before = resident_kib();
  const Pool pool(kThreads, [] { use_sizes(16 * kKiB, 8 * kMiB); });
  ck_assert_uint_lt(resident_kib() - before, 160 * kKiB);
  ck_assert(resident_falls_below(before + 24 * kKiB));
}
END_TEST

START_TEST(a_thread_that_sleeps_keeps_no_small_blocks) {
  const std::size_t before = resident_kib();
  const Pool pool(kThreads, [] { use_sizes(16, 14 * kKiB); });
  ck_assert(resident_falls_below(before + 12 * kKiB));
}
END_TEST

// And once more after the first ones' caches were emptied.
START_TEST(what_was_kept_for_ended_or_sleeping_threads_is_there_for_others) {
  for (int round = 0; round < 3; ++round) {
    const Pool pool(kThreads, [] { use_sizes(16 * kKiB, 8 * kMiB); });
    std::this_thread::sleep_for(milliseconds(700));
  }
  // A block of 8 MiB is kept: it comes back with what was written there.
  std::size_t kept = 0;
  for (int i = 0; i < 100; ++i) {
    auto* const block = static_cast<char*>(malloc(8 * kMiB));
    volatile char& middle = block[4 * kMiB];
    kept += i > 0 && middle == 'k';
    middle = 'k';
    free(block);
  }
  ck_assert_uint_gt(kept, 90);
}
END_TEST

// Each block holds its own address in its first and last word while in use.
struct Marked {
  char* block;
  std::size_t size;

  explicit Marked(std::size_t bytes)
      : block(static_cast<char*>(malloc(bytes))), size(bytes) {
    if (block != nullptr) write();
  }
  void write() const {
    memcpy(block, &block, sizeof block);
    memcpy(block + size - sizeof block, &block, sizeof block);
  }
  bool is_whole() const {
    return memcmp(block, &block, sizeof block) == 0 &&
           memcmp(block + size - sizeof block, &block, sizeof block) == 0;
  }
};

// Works for a moment, and sleeps for about as long as it takes until a cache is
// emptied: so some come back just then.  All calls of the family in turn.
bool work_and_sleep(unsigned seed, std::chrono::steady_clock::time_point end) {
  std::vector<Marked> live;
  bool whole = true;
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 400; ++i) {
      const std::size_t size =
          16 + rand_r(&seed) % (i % 16 == 0 ? 200000 : 2000);
      live.emplace_back(size);
      if (live.back().block == nullptr) return false;
      if (live.size() > 100) {
        const std::size_t victim = rand_r(&seed) % live.size();
        Marked& old = live[victim];
        whole = whole && old.is_whole();
        if (i % 5 == 0) {
          old.block = static_cast<char*>(realloc(old.block, size));
          old.size = size;
          if (old.block == nullptr) return false;
          old.write();
        } else {
          free(old.block);
          old = live.back();
          live.pop_back();
        }
      }
    }
    // Touches its cache by way of each of the slower calls.
    free(calloc(1, 500));
    void* aligned = nullptr;
    if (posix_memalign(&aligned, 64, 1000) == 0) free(aligned);
    std::this_thread::sleep_for(microseconds(rand_r(&seed) % 400000));
  }
  for (const Marked& mark : live) {
    whole = whole && mark.is_whole();
    free(mark.block);
  }
  return whole;
}

int threads_work_and_sleep() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(6);
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 24; ++i)
    threads.emplace_back([&, i] { failed += !work_and_sleep(i + 1, end); });
  // Children find their heap in order, whatever was being emptied; and threads
  // come and go.
  while (std::chrono::steady_clock::now() < end) {
    failed += run_in_child([] {
                alarm(60);
                std::thread([] { use_sizes(16, kMiB); }).join();
                use_sizes(16, kMiB);
                return 0;
              }) != 0;
    std::thread([] { use_sizes(16, kMiB); }).join();
    std::this_thread::sleep_for(milliseconds(3));
  }
  for (std::thread& thread : threads) thread.join();
  return failed != 0;
}

// The shortest decay, with which caches are looked at most often.
START_TEST(threads_that_wake_meanwhile_find_their_caches_in_order) {
  if (getenv("GMEM_CONF") == nullptr)
    ck_assert_int_eq(run_again_with("decay:1", "wake"), 0);
  else
    ck_assert_int_eq(threads_work_and_sleep(), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("idle caches");
  TCase* group = tcase_create("memory");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, all_threads_together_keep_little);
  tcase_add_test(group, a_thread_that_sleeps_keeps_no_small_blocks);
  tcase_add_test(
      group, what_was_kept_for_ended_or_sleeping_threads_is_there_for_others);
  suite_add_tcase(suite, group);
  group = tcase_create("wake");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, threads_that_wake_meanwhile_find_their_caches_in_order);
  suite_add_tcase(suite, group);
  return suite;
}
