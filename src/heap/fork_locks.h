// SPDX-License-Identifier: MulanPSL-2.0
// Taking all locks of the heap for a fork.  The order of the locks is no help
// where a signal handler forks: its thread may have one already, which a thread
// that has one of those before it waits for.  So no preparation waits for long
// with locks taken: it lets them go, to begin again (core/fork_parts.h); and one of a
// thread that had a lock before goes on without those that it cannot have.
#ifndef GMEM_HEAP_FORK_LOCKS_H
#define GMEM_HEAP_FORK_LOCKS_H

namespace gmem::heap {

struct ForkLocks {
  void (*take_all)();
  void (*let_go_all)();
};

// Both functions use gmem_owned_lock_take_for_fork and _let_go_after_fork.  False:
// not within so many milliseconds, and nothing is taken.
bool take_for_fork(const ForkLocks& locks, int wait);

// In the parent and in the child, after the locks have been let go.
void end_fork_in_parent();
void end_fork_in_child();

}  // namespace gmem::heap

#endif  // GMEM_HEAP_FORK_LOCKS_H
