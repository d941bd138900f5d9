// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/give_back.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heap/heap_settings.h"
#include "heap/heap_state.h"
#include "heap/idle_decay.h"
#include "heap/part_release.h"

extern "C" {
#pragma GCC visibility push(hidden)
std::size_t gmem_je_active_bytes();
void gmem_je_give_unused_bytes_back();
std::size_t gmem_unused_bytes_to_tell = SIZE_MAX;
void gmem_unused_bytes_seen(std::size_t unused, std::uint64_t allocated,
                            std::uint64_t freed);
#pragma GCC visibility pop
}

namespace gmem::heap {
namespace {

std::int64_t now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

void tell_from(std::size_t unused) {
  __atomic_store_n(&gmem_unused_bytes_to_tell, unused, __ATOMIC_RELAXED);
}

// How much may wait where no thread gives it back.  Nobody comes by any more
// when the program falls silent, so little, beside what is in use; but more in a
// program that soon wants again what it has freed, for the kernel takes longer
// to give it than the heap.
class Bound {
 public:
  constexpr Bound() = default;

  void start(std::size_t lowest) { lowest_ = bytes_ = lowest; }
  std::size_t bytes() const { return bytes_; }

  // At a look at the heap: is what was given back in use again so soon?
  void learn(std::size_t committed, std::int64_t now, int soon_ms) {
    if (given_back_ == 0) return;
    if (committed - committed_then_ >= given_back_ / 2) {
      if (now - then_ < soon_ms) bytes_ = std::min(bytes_ * 4, kHighest);
      given_back_ = 0;
    } else if (now - then_ >= 8 * std::int64_t{soon_ms}) {
      bytes_ = std::max(bytes_ / 4, lowest_);
      given_back_ = 0;
    }
  }

  void note(std::size_t given_back, std::size_t committed, std::int64_t now) {
    given_back_ = given_back;
    committed_then_ = committed;
    then_ = now;
  }

 private:
  static constexpr std::size_t kHighest = std::size_t{1} << 30;

  std::size_t lowest_ = 0, bytes_ = 0;
  std::size_t given_back_ = 0;  // the last time; 0: nothing to learn from
  std::size_t committed_then_ = 0;
  std::int64_t then_ = 0;
};

// Whether the program does little but free, as before it falls silent.  One that
// allocates as well keeps being called, and gives back what it does not use
// within the time that the settings say.
class Burst {
 public:
  // How much was freed since the program did anything else.
  std::uint64_t bytes(std::uint64_t allocated, std::uint64_t freed) {
    if (allocated - allocated_ > (freed - freed_) / 8) {
      allocated_ = allocated;
      freed_ = freed;
    }
    return freed - freed_;
  }

 private:
  std::uint64_t allocated_ = 0, freed_ = 0;
};

Bound bound;
Burst burst;
// Of the heap's memory in use since parts of 2 MiB pages last went back.
std::size_t highest_active = 0;
// One caller at a time, who needs no more than to be the one.
std::atomic_flag giving_back = ATOMIC_FLAG_INIT;
std::atomic<bool> thread_does{false};

// Looking through all pages for parts is worth it when an eighth of the heap
// has become free.
void release_parts(std::size_t active) {
  if (!heap_settings().releases_parts || active > highest_active / 8 * 7)
    return;
  release_unused_parts();
  highest_active = active;
}

void give_back(std::size_t unused, std::uint64_t burst_bytes) {
  const std::size_t active = gmem_je_active_bytes();
  const std::size_t committed =
      heap_state.committed_bytes.load(std::memory_order_relaxed);
  const std::int64_t now = now_ms();
  bound.learn(committed, now, heap_settings().decay_ms);
  highest_active = std::max(highest_active, active + unused);
  const std::size_t much = std::max(bound.bytes(), active / 2);
  if (unused >= much && burst_bytes >= much) {
    gmem_je_give_unused_bytes_back();
    bound.note(unused, committed, now);
    release_parts(active);
  }
  if (!thread_does.load(std::memory_order_relaxed)) tell_from(bound.bytes());
}

}  // namespace

void start_giving_back() {
  const HeapSettings settings = heap_settings();
  if (settings.decay_ms == kNeverDecay) return;
  bound.start(settings.unused_without_thread);
  tell_from(bound.bytes());
}

void leave_giving_back_to_thread() {
  thread_does.store(true, std::memory_order_relaxed);
  tell_from(kMuchForThread);
}

void give_back_without_thread() {
  thread_does.store(false, std::memory_order_relaxed);
  giving_back.clear(std::memory_order_relaxed);  // who gave back is not here
  if (heap_settings().decay_ms != kNeverDecay) tell_from(bound.bytes());
}

}  // namespace gmem::heap

void gmem_unused_bytes_seen(std::size_t unused, std::uint64_t allocated,
                            std::uint64_t freed) {
  using namespace gmem::heap;
  if (thread_does.load(std::memory_order_relaxed)) return wake_decay_thread();
  if (giving_back.test_and_set(std::memory_order_acquire)) return;
  give_back(unused, burst.bytes(allocated, freed));
  giving_back.clear(std::memory_order_release);
}
