// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/node_arenas.h"

#include <errno.h>

#include <atomic>
#include <new>

#include "heap/extent_hooks.h"
#include "heap/heap_state.h"
#include "heap/owned_mutex.h"

namespace gmem::heap {
namespace {

std::atomic<NodeArena*> arenas[kMostNodes];
std::atomic<bool> any_arena{false};
OwnedMutex creating;

// Arenas are never destroyed, so neither is what their hooks refer to.
NodeArena* create(Hnid node) {
  void* const memory = gmem_je_malloc(sizeof(NodeArena));
  if (memory == nullptr) return nullptr;
  auto* const arena = new (memory) NodeArena{
      gmem_extent_hooks, ChunkSource(ChunkSource::Use::kData, node), 0};
  extent_hooks_t* hooks = &arena->hooks;
  std::size_t length = sizeof arena->index;
  if (gmem_je_mallctl("arenas.create", &arena->index, &length, &hooks,
                      sizeof hooks) == 0)
    return arena;
  gmem_je_free(memory);
  return nullptr;
}

NodeArena* arena_of(Hnid node) {
  std::atomic<NodeArena*>& arena = arenas[static_cast<int>(node)];
  if (NodeArena* const found = arena.load(std::memory_order_acquire))
    return found;
  const Lock lock(creating);
  if (NodeArena* const found = arena.load(std::memory_order_acquire))
    return found;
  NodeArena* const created = create(node);
  arena.store(created, std::memory_order_release);
  if (created != nullptr) any_arena.store(true, std::memory_order_release);
  return created;
}

// Straight from and to the arena: the thread's cache mixes all arenas.
int flags_for(const NodeArena& arena) {
  return static_cast<int>(MALLOCX_ARENA(arena.index)) | MALLOCX_TCACHE_NONE;
}

std::size_t at_least_one(std::size_t size) { return size == 0 ? 1 : size; }

Hnid node_of(void* block) {
  HeapLock lock;
  return heap_state.chunks.node_of(reinterpret_cast<std::uintptr_t>(block));
}

}  // namespace

void* allocate_on_node(std::size_t size, Hnid node) {
  const NodeArena* const arena = arena_of(node);
  void* const block =
      arena == nullptr ? nullptr
                       : gmem_je_mallocx(at_least_one(size), flags_for(*arena));
  if (block == nullptr) errno = ENOMEM;
  return block;
}

void* reallocate(void* block, std::size_t size) {
  if (block == nullptr || size == 0 ||
      !any_arena.load(std::memory_order_acquire))
    return gmem_je_realloc(block, size);
  const Hnid node = node_of(block);
  return node == Hnid::kAny
             ? gmem_je_realloc(block, size)
             : gmem_je_rallocx(block, size, flags_for(*arena_of(node)));
}

void release(void* block) {
  if (block != nullptr) gmem_je_dallocx(block, MALLOCX_TCACHE_NONE);
}

void lock_node_arenas_for_fork() { creating.lock_for_fork(); }
void unlock_node_arenas_after_fork() { creating.unlock_after_fork(); }
void unlock_node_arenas_in_child() { creating.unlock_in_child(); }

}  // namespace gmem::heap
