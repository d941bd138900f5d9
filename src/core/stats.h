// SPDX-License-Identifier: MulanPSL-2.0
// What the library did in this process: relaxed counters, bumped once a call.
#ifndef GMEM_CORE_STATS_H
#define GMEM_CORE_STATS_H

#include <atomic>
#include <cstdint>

namespace gmem {

class Counter {
 public:
  void add(std::uint64_t amount) {
    value_.fetch_add(amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount) {
    value_.fetch_sub(amount, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct Stats {
  Counter prefetch_calls;   // that passed the argument checks
  Counter prefetch_bytes;   // the callers' own sizes
  Counter prefetch_errors;  // synchronous and on streams
  Counter discard_calls;
  Counter discard_bytes;  // whole pages
  Counter discard_errors;
  Counter queued_tasks;    // of the calls above, those given a stream
  Counter chunk_bytes;     // mapped for the heap, metadata included
  Counter metadata_bytes;  // of these, for the heap's own bookkeeping
  Counter purged_bytes;    // given back to the system, ever
};

extern Stats stats;

}  // namespace gmem

#endif  // GMEM_CORE_STATS_H
