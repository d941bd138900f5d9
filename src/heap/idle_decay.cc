// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/idle_decay.h"

#include <gmem_jemalloc.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/keep_errno.h"
#include "core/lock.h"
#include "core/start_thread.h"
#include "heap/heap_settings.h"
#include "heap/part_release.h"

extern "C" {
#pragma GCC visibility push(hidden)
std::size_t gmem_je_unused_bytes();
std::size_t gmem_unused_bytes_to_tell = SIZE_MAX;
void gmem_unused_bytes_seen();
#pragma GCC visibility pop
}

namespace gmem::heap {
namespace {

// A thread is not worth less, and a small program is left single-threaded, as
// some system calls want it to be.
constexpr std::size_t kMuch = std::size_t{32} << 20;

// Each wait is a part of the time after which memory goes back.
constexpr int kWaits = 8;
constexpr int kShortestWait = 20, kLongestWait = 1000;  // ms

std::atomic<bool> runs{false};
pthread_mutex_t decaying = PTHREAD_MUTEX_INITIALIZER;

void wait_a_while() {
  const int wait = std::clamp(heap_settings().decay_ms / kWaits,
                              kShortestWait, kLongestWait);
  const timespec time = {wait / 1000, wait % 1000 * 1000000L};
  nanosleep(&time, nullptr);
}

void decay() {
  const Lock lock(decaying);
  // The number that stands for all arenas.
  static_assert(MALLCTL_ARENAS_ALL == 4096);
  gmem_je_mallctl("arena.4096.decay", nullptr, nullptr, nullptr, 0);
}

void* decay_until_nothing_is_unused(void*) {
  pthread_detach(pthread_self());
  pthread_setname_np(pthread_self(), "gmem-decay");
  do {
    while (gmem_je_unused_bytes() != 0) {
      wait_a_while();
      decay();
      if (heap_settings().releases_parts) release_unused_parts();
    }
    runs.store(false, std::memory_order_release);
    // What came meanwhile was told to nobody.
  } while (gmem_je_unused_bytes() >= gmem_unused_bytes_to_tell &&
           !runs.exchange(true, std::memory_order_acquire));
  return nullptr;
}

}  // namespace

void start_idle_decay() {
  const HeapSettings settings = heap_settings();
  if (settings.background_thread && settings.decay_ms != kNeverDecay)
    gmem_unused_bytes_to_tell = kMuch;
}

void lock_idle_decay() { pthread_mutex_lock(&decaying); }
void unlock_idle_decay() { pthread_mutex_unlock(&decaying); }

void forget_idle_decay() {
  runs.store(false, std::memory_order_relaxed);
  unlock_idle_decay();
}

}  // namespace gmem::heap

// Where no thread can be had, the next who sees them tries again; free, which
// may have come here, leaves errno alone.
void gmem_unused_bytes_seen() {
  using namespace gmem::heap;
  const gmem::KeepErrno keep_errno;
  if (runs.load(std::memory_order_relaxed) ||
      runs.exchange(true, std::memory_order_acquire))
    return;
  if (!gmem::start_thread(decay_until_nothing_is_unused, nullptr))
    runs.store(false, std::memory_order_release);
}
