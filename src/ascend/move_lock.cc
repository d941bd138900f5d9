// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/move_lock.h"

#include <pthread.h>

namespace gmem::ascend {
namespace {

// A fork that waits goes before moves that come later.
constexpr pthread_rwlock_t kUnlocked =
    PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
pthread_rwlock_t moving = kUnlocked;
pthread_once_t registered = PTHREAD_ONCE_INIT;

void before_fork() { pthread_rwlock_wrlock(&moving); }
void after_fork_in_parent() { pthread_rwlock_unlock(&moving); }
void after_fork_in_child() { moving = kUnlocked; }

// Later than the heap's handlers, whose preparations then run within ours.
void register_handlers() {
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

}  // namespace

MoveLock::MoveLock() { pthread_rwlock_rdlock(&moving); }
MoveLock::~MoveLock() { pthread_rwlock_unlock(&moving); }

void keep_moves_out_of_fork() { pthread_once(&registered, register_handlers); }

}  // namespace gmem::ascend
