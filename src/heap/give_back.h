// SPDX-License-Identifier: MulanPSL-2.0
// Unused memory goes back to the system.
//
// jemalloc gives it back some time after it became unused, but only while it is
// called.  A program that has threads has one more, which calls it when nobody
// does (idle_decay).  A program of one thread stays one of one thread: there,
// what is unused goes back in the call to free that frees too much.
#ifndef GMEM_HEAP_GIVE_BACK_H
#define GMEM_HEAP_GIVE_BACK_H

#include <cstddef>

namespace gmem::heap {

// From so much on the thread is woken: it is not worth less.
inline constexpr std::size_t kMuchForThread = std::size_t{32} << 20;

// Before the first thread can fork: what the settings say.
void start_giving_back();

// From now on a thread does it.
void leave_giving_back_to_thread();

// In a child of fork, which has no such thread.
void give_back_without_thread();

}  // namespace gmem::heap

#endif  // GMEM_HEAP_GIVE_BACK_H
