// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/move_lock.h"

#include <errno.h>
#include <pthread.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>

#include "core/fork_parts.h"

namespace gmem::ascend {
namespace {

// A fork that waits goes before moves that come later.
constexpr pthread_rwlock_t kUnlocked =
    PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
pthread_rwlock_t moving = kUnlocked;

constexpr pid_t kNone = 0;
std::atomic<pid_t> forking{kNone};  // the parent

// A signal handler may fork where it has interrupted a fork, which has the lock.
// Changed by who has it.
int forks_within = 0;

bool before_fork(int) {
  if (pthread_rwlock_wrlock(&moving) == EDEADLK)
    ++forks_within;
  else
    forking = getpid();
  return true;
}
void after_fork_in_parent() {
  if (forks_within != 0) {
    --forks_within;
    return;
  }
  forking = kNone;
  pthread_rwlock_unlock(&moving);
}
void reset_lock() {
  forking = kNone;
  moving = kUnlocked;
}
// An interrupted fork goes on in the child as well, and gives the lock back there.
void after_fork_in_child() {
  reset_lock();
  if (forks_within == 0) return;
  --forks_within;
  before_fork(0);
}

// Handlers of the program's that were registered before ours are called
// before them in the child, where the lock's owner does not exist.
void leave_parents_fork() {
  const pid_t parent = forking.load(std::memory_order_relaxed);
  if (parent != kNone && parent != getpid()) reset_lock();
}

constexpr ForkPart kForkPart = {before_fork, after_fork_in_parent,
                                after_fork_in_child};
[[GMEM_FORK_PART]] void follow_forks() {
  take_part_in_forks(ForkPlace::kDeviceMoves, kForkPart);
}

}  // namespace

MoveLock::MoveLock() {
  leave_parents_fork();
  held_ = pthread_rwlock_rdlock(&moving) == 0;
}
MoveLock::~MoveLock() {
  if (held_) pthread_rwlock_unlock(&moving);
}

}  // namespace gmem::ascend
