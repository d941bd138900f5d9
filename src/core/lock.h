// SPDX-License-Identifier: MulanPSL-2.0
// A mutex held for a scope, or let go for one.
#ifndef GMEM_CORE_LOCK_H
#define GMEM_CORE_LOCK_H

#include <pthread.h>

namespace gmem {

class Lock {
 public:
  explicit Lock(pthread_mutex_t& mutex) : mutex_(mutex) {
    pthread_mutex_lock(&mutex_);
  }
  ~Lock() { pthread_mutex_unlock(&mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

// For a scope within which the holder of the mutex does without it.
class Unlock {
 public:
  explicit Unlock(pthread_mutex_t& mutex) : mutex_(mutex) {
    pthread_mutex_unlock(&mutex_);
  }
  ~Unlock() { pthread_mutex_lock(&mutex_); }
  Unlock(const Unlock&) = delete;
  Unlock& operator=(const Unlock&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

}  // namespace gmem

#endif  // GMEM_CORE_LOCK_H
