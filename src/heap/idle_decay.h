// SPDX-License-Identifier: MulanPSL-2.0
// The thread that gives unused memory back while the program does nothing.  It
// sleeps until there is much.
#ifndef GMEM_HEAP_IDLE_DECAY_H
#define GMEM_HEAP_IDLE_DECAY_H

namespace gmem::heap {

// Starts the thread, once, where the settings want one.  The caller holds no
// lock of the C library's, which takes some of its own to start a thread: so
// never from inside malloc or free, which are called under those.  Leaves errno
// alone.  Where no thread can be had, the next call tries again.
void start_decay_thread();

// From inside malloc and free, when much is unused.
void wake_decay_thread();

// Around fork, outside all other locks of the heap's: a child must not find
// memory that was about to go back when it was forked, and has no thread.
void lock_idle_decay_for_fork();
void unlock_idle_decay_after_fork();
void forget_idle_decay();

}  // namespace gmem::heap

#endif  // GMEM_HEAP_IDLE_DECAY_H
