// SPDX-License-Identifier: MulanPSL-2.0
// A mutex held for a scope, or let go for one.
#ifndef GMEM_CORE_LOCK_H
#define GMEM_CORE_LOCK_H

#include <pthread.h>

namespace gmem {

inline void take(pthread_mutex_t& mutex) { pthread_mutex_lock(&mutex); }
inline void let_go(pthread_mutex_t& mutex) { pthread_mutex_unlock(&mutex); }

template <typename Mutex>
class Lock {
 public:
  explicit Lock(Mutex& mutex) : mutex_(mutex) { take(mutex_); }
  ~Lock() { let_go(mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

// For a scope within which the holder of the mutex does without it.
template <typename Mutex>
class Unlock {
 public:
  explicit Unlock(Mutex& mutex) : mutex_(mutex) { let_go(mutex_); }
  ~Unlock() { take(mutex_); }
  Unlock(const Unlock&) = delete;
  Unlock& operator=(const Unlock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace gmem

#endif  // GMEM_CORE_LOCK_H
