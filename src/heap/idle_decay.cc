// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/idle_decay.h"

#include <gmem_jemalloc.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "core/keep_errno.h"
#include "core/start_thread.h"
#include "heap/futex.h"
#include "heap/give_back.h"
#include "heap/heap_settings.h"
#include "heap/owned_mutex.h"
#include "heap/part_release.h"

extern "C" {
[[gnu::visibility("hidden")]] std::size_t gmem_je_unused_bytes();
[[gnu::visibility("hidden")]] void gmem_je_empty_idle_caches();
[[gnu::visibility("hidden")]] bool gmem_je_caches_in_use();
[[gnu::visibility("hidden")]] void gmem_cache_use_seen();
}

namespace gmem::heap {
namespace {

// Each wait is a part of the time after which memory goes back.
constexpr int kWaits = 8;
constexpr int kShortestWait = 20, kLongestWait = 1000;  // ms

std::atomic<bool> started{false};
OwnedMutex decaying;

// What the thread sleeps on: whether there is something to do.
constexpr std::uint32_t kSleeps = 0, kIsAwake = 1;
FutexWord mood{kIsAwake};

// Who saw much before the thread said that it sleeps has not woken it, nor has
// who came to a cache.
void sleep_until_woken() {
  mood.store(kSleeps, std::memory_order_seq_cst);
  if (gmem_je_unused_bytes() >= kMuchForThread || gmem_je_caches_in_use())
    wake_decay_thread();
  while (mood.load(std::memory_order_acquire) == kSleeps)
    futex_wait(mood, kSleeps);
}

void wait_a_while() {
  const int wait = std::clamp(heap_settings().decay_ms / kWaits, kShortestWait,
                              kLongestWait);
  const timespec time = {wait / 1000, wait % 1000 * 1000000L};
  futex_wait(mood, kIsAwake, &time);
}

void decay() {
  const Lock lock(decaying);
  // The number that stands for all arenas.
  static_assert(MALLCTL_ARENAS_ALL == 4096);
  gmem_je_mallctl("arena.4096.decay", nullptr, nullptr, nullptr, 0);
  if (heap_settings().releases_parts) release_unused_parts();
}

// A thread that has not come to its cache in this many waits sleeps.
constexpr unsigned kWaitsUntilIdle = kWaits;

void empty_idle_caches() {
  const Lock lock(decaying);
  gmem_je_empty_idle_caches();
}

// What the thread is there for.
bool there_is_work() {
  return gmem_je_unused_bytes() != 0 || gmem_je_caches_in_use();
}

// It makes no system calls but those that malloc makes: the program may have
// entered a sandbox before.
void* decay_for_ever(void*) {
  pthread_detach(pthread_self());
  for (;;) {
    for (unsigned waits = 1; there_is_work(); waits++) {
      wait_a_while();
      if (gmem_je_unused_bytes() != 0) decay();
      if (waits % kWaitsUntilIdle == 0) empty_idle_caches();
    }
    sleep_until_woken();
  }
}

bool wanted() {
  const HeapSettings settings = heap_settings();
  return settings.background_thread && settings.decay_ms != kNeverDecay;
}

}  // namespace

void start_decay_thread() {
  if (started.load(std::memory_order_relaxed) || !wanted() ||
      started.exchange(true, std::memory_order_relaxed))
    return;
  const KeepErrno keep_errno;
  if (start_thread(decay_for_ever, nullptr))
    leave_giving_back_to_thread();
  else
    started.store(false, std::memory_order_relaxed);
}

void wake_decay_thread() {
  if (mood.load(std::memory_order_relaxed) != kIsAwake &&
      mood.exchange(kIsAwake, std::memory_order_release) != kIsAwake)
    futex_wake_one(mood);
}

void lock_idle_decay_for_fork() { decaying.lock_for_fork(); }
void unlock_idle_decay_after_fork() { decaying.unlock_after_fork(); }

void forget_idle_decay() {
  started.store(false, std::memory_order_relaxed);
  mood.store(kIsAwake, std::memory_order_relaxed);
  give_back_without_thread();
  decaying.unlock_in_child();
}

}  // namespace gmem::heap

// Who uses a cache has it fill again.
void gmem_cache_use_seen() { gmem::heap::wake_decay_thread(); }
