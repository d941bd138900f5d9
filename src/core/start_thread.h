// SPDX-License-Identifier: MulanPSL-2.0
// Starts a thread of the library's own: with a small stack, and handling none
// of the program's signals.
#ifndef GMEM_CORE_START_THREAD_H
#define GMEM_CORE_START_THREAD_H

namespace gmem {

// The thread is joinable, by the id that it has itself.  False where the
// system has no thread left.
bool start_thread(void* (*entry)(void*), void* argument);

}  // namespace gmem

#endif  // GMEM_CORE_START_THREAD_H
