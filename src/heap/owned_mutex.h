// SPDX-License-Identifier: MulanPSL-2.0
// The heap's own locks, which a fork takes with jemalloc's.
#ifndef GMEM_HEAP_OWNED_MUTEX_H
#define GMEM_HEAP_OWNED_MUTEX_H

#include "core/lock.h"
#include "heap/jemalloc/owned_lock.h"

namespace gmem::heap {

class OwnedMutex {
 public:
  void lock() { gmem_owned_lock_take(&lock_); }
  void unlock() { gmem_owned_lock_let_go(&lock_); }
  void lock_for_fork() { gmem_owned_lock_take_for_fork(&lock_); }
  void unlock_after_fork() { gmem_owned_lock_let_go_after_fork(&lock_); }
  void unlock_in_child() { gmem_owned_lock_let_go_in_child(&lock_); }

 private:
  gmem_owned_lock_t lock_ = GMEM_OWNED_LOCK_INITIALIZER;
};

inline void take(OwnedMutex& mutex) { mutex.lock(); }
inline void let_go(OwnedMutex& mutex) { mutex.unlock(); }

}  // namespace gmem::heap

#endif  // GMEM_HEAP_OWNED_MUTEX_H
