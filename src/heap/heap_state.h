// SPDX-License-Identifier: MulanPSL-2.0
// The one heap of the process: its chunks, and the lock that guards them.
// The lock is the innermost: jemalloc calls the hooks that take it with locks
// of its own held, and nothing is called back from under it but the device behind
// the chunks (backing.h).
#ifndef GMEM_HEAP_HEAP_STATE_H
#define GMEM_HEAP_HEAP_STATE_H

#include <atomic>
#include <cstddef>

#include "heap/chunk_source.h"
#include "heap/chunk_table.h"
#include "heap/owned_mutex.h"

namespace gmem::heap {

struct HeapState {
  // In all, what jemalloc has taken into use that was not, read without lock.
  std::atomic<std::size_t> committed_bytes{0};

  OwnedMutex lock{};
  ChunkTable chunks{};
  ChunkSource data{ChunkSource::Use::kData};
  ChunkSource metadata{ChunkSource::Use::kMetadata};
};

extern HeapState heap_state;

class HeapLock {
 private:
  const Lock<OwnedMutex> lock_{heap_state.lock};
};

}  // namespace gmem::heap

#endif  // GMEM_HEAP_HEAP_STATE_H
