// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/fork_locks.h"

#include <stdio.h>

#include "heap/owned_lock.h"
#include "heap/owned_mutex.h"

extern "C" {
// glibc's; a thread that has the lock passes.
[[gnu::weak]] void _IO_list_lock();
[[gnu::weak]] void _IO_list_unlock();
[[gnu::weak]] void _IO_list_resetlock();
}

namespace gmem::heap {
namespace {

// Guards the attempt.  The C library's lock of its list of streams comes before:
// fork takes it after all preparation, and a thread that has it may wait for one
// that has a stream and waits for the heap.
OwnedMutex turn;

struct Attempt {
  Deadline deadline{};
  bool has_before = false;  // a lock, which the thread has had before
  bool lacks_some = false;
  bool is_given_up = false;
};
Attempt attempt;

bool has_list_of_streams() {
  return _IO_list_lock != nullptr && _IO_list_unlock != nullptr &&
         _IO_list_resetlock != nullptr;
}

void take_turn() {
  if (has_list_of_streams()) _IO_list_lock();
  turn.lock();
}

void end_turn() {
  turn.unlock();
  if (has_list_of_streams()) _IO_list_unlock();
}

// Signals are blocked: a handler that forked in between would change the attempt.
bool take_all(const ForkLocks& locks, int wait) {
  attempt = Attempt{Deadline(wait)};
  locks.take_all();
  if (!attempt.lacks_some || attempt.has_before) return true;
  attempt.is_given_up = true;
  locks.let_go_all();
  attempt.is_given_up = false;
  return false;
}

}  // namespace

bool take_for_fork(const ForkLocks& locks, int wait) {
  take_turn();
  if (take_all(locks, wait)) return true;
  end_turn();
  return false;
}

void end_fork_in_parent() { end_turn(); }

void end_fork_in_child() {
  turn.unlock_in_child();
  // As fork has done before, where it saw threads.
  if (has_list_of_streams()) _IO_list_resetlock();
}

}  // namespace gmem::heap

bool gmem_owned_lock_take_for_fork(gmem_owned_lock_t* lock) {
  gmem::heap::Attempt& attempt = gmem::heap::attempt;
  if (gmem_owned_lock_pass(lock)) {
    attempt.has_before = true;
    return true;
  }
  if (gmem_owned_lock_try(lock) ||
      gmem::heap::take_until(lock, &attempt.deadline))
    return true;
  attempt.lacks_some = true;
  return false;
}

// Where the attempt is given up, who waits is woken in any case: a handler may have
// interrupted its thread after that let a lock go and before it woke the next.
void gmem_owned_lock_let_go_after_fork(gmem_owned_lock_t* lock) {
  if (!gmem_owned_lock_is_own(lock)) return;
  gmem_owned_lock_let_go(lock);
  if (gmem::heap::attempt.is_given_up) gmem_owned_lock_wake(lock);
}
