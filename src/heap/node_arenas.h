// SPDX-License-Identifier: MulanPSL-2.0
// Memory that lives on a node from its first touch on: an arena of jemalloc's
// for each node that was asked for, with chunks of that node's.
#ifndef GMEM_HEAP_NODE_ARENAS_H
#define GMEM_HEAP_NODE_ARENAS_H

#include <gmem_jemalloc.h>

#include <cstddef>

#include "core/device.h"
#include "heap/chunk_source.h"

namespace gmem::heap {

struct NodeArena {
  extent_hooks_t hooks;  // first: jemalloc hands its address to the hooks
  ChunkSource source;
  unsigned index;  // jemalloc's
};

// The arena whose hooks these are.
inline NodeArena& node_arena(extent_hooks_t* hooks) {
  return *reinterpret_cast<NodeArena*>(hooks);
}

// A block on a valid node; null, with errno ENOMEM, where there is none.
void* allocate_on_node(std::size_t size, Hnid node);

// realloc of any block of the heap's, which stays on its node if
// allocate_on_node made it.  Null, with errno as it was, where there is no
// memory.
void* reallocate(void* block, std::size_t size);

// Frees any block of the heap's, without a stay in the thread's cache, which
// would hand it to the next malloc.
void release(void* block);

// Around fork, outside jemalloc's own locks.
void lock_node_arenas_for_fork();
void unlock_node_arenas_after_fork();
void unlock_node_arenas_in_child();

}  // namespace gmem::heap

#endif  // GMEM_HEAP_NODE_ARENAS_H
