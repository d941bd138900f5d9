// SPDX-License-Identifier: MulanPSL-2.0
// Unused memory goes back though the program does nothing: jemalloc gives it
// back in time, but only while it is called.  A thread that calls it is started
// when there is much unused memory, and ends when there is none.
#ifndef GMEM_HEAP_IDLE_DECAY_H
#define GMEM_HEAP_IDLE_DECAY_H

namespace gmem::heap {

// Before the first thread can fork: what the settings say.
void start_idle_decay();

// Around fork, outside all other locks of the heap's: a child must not find
// memory that was about to go back when it was forked, and has no thread.
void lock_idle_decay();
void unlock_idle_decay();
void forget_idle_decay();

}  // namespace gmem::heap

#endif  // GMEM_HEAP_IDLE_DECAY_H
