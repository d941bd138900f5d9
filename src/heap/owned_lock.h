// SPDX-License-Identifier: MulanPSL-2.0
// Waiting for a lock that knows its thread (jemalloc/owned_lock.h), for good or
// up to a point in time.
#ifndef GMEM_HEAP_OWNED_LOCK_H
#define GMEM_HEAP_OWNED_LOCK_H

#include <time.h>

#include <cstdint>

#include "heap/futex.h"
#include "heap/jemalloc/owned_lock.h"

namespace gmem::heap {

class Deadline {
 public:
  Deadline() = default;
  explicit Deadline(int milliseconds) : at_(now() + milliseconds * kPerMs) {}

  // Whether it is still to come, and the time left.
  bool is_ahead(timespec& left) const {
    const std::int64_t wait = at_ - now();
    left = {wait / kPerSecond, wait % kPerSecond};
    return wait > 0;
  }

 private:
  static constexpr std::int64_t kPerMs = 1000000, kPerSecond = 1000000000;

  static std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * kPerSecond + time.tv_nsec;
  }

  std::int64_t at_ = 0;
};

// For a lock that the caller has not.  False: not by the deadline, where there is
// one.
bool take_until(gmem_owned_lock_t* lock, const Deadline* deadline);

}  // namespace gmem::heap

#endif  // GMEM_HEAP_OWNED_LOCK_H
