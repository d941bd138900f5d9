// SPDX-License-Identifier: MulanPSL-2.0
// The one heap of the process: its chunks, and the lock that guards them.
// The lock is the innermost: jemalloc calls the hooks that take it with locks
// of its own held, and nothing is called back from under it.
#ifndef GMEM_HEAP_HEAP_STATE_H
#define GMEM_HEAP_HEAP_STATE_H

#include <pthread.h>

#include "heap/chunk_source.h"
#include "heap/chunk_table.h"

namespace gmem::heap {

struct HeapState {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  ChunkTable chunks{};
  ChunkSource data{ChunkSource::Use::kData};
  ChunkSource metadata{ChunkSource::Use::kMetadata};
};

extern HeapState heap_state;

class HeapLock {
 public:
  HeapLock() { pthread_mutex_lock(&heap_state.lock); }
  ~HeapLock() { pthread_mutex_unlock(&heap_state.lock); }
  HeapLock(const HeapLock&) = delete;
  HeapLock& operator=(const HeapLock&) = delete;
};

}  // namespace gmem::heap

#endif  // GMEM_HEAP_HEAP_STATE_H
