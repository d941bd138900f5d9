// SPDX-License-Identifier: MulanPSL-2.0
// Starts a thread of the library's own: with a small stack, and handling none
// of the program's signals.
#ifndef GMEM_CORE_START_THREAD_H
#define GMEM_CORE_START_THREAD_H

#include <pthread.h>

namespace gmem {

// The thread is joinable, by the id that it has itself, or by the one that is stored
// where `id` is not null.  False where the system has no thread left.
bool start_thread(void* (*entry)(void*), void* argument,
                  pthread_t* id = nullptr);

}  // namespace gmem

#endif  // GMEM_CORE_START_THREAD_H
