// SPDX-License-Identifier: MulanPSL-2.0
// jemalloc's extent hooks: every byte of every arena, bookkeeping included,
// comes from chunks that the device maps.  scripts/build-jemalloc makes
// gmem_extent_hooks the hooks of all arenas from the first one on.
//
// jemalloc is told to retain address space (jemalloc_conf.cc), so nothing is
// ever unmapped; memory goes back through decommit.
#include "heap/extent_hooks.h"

#include <string.h>

#include <algorithm>

#include "core/devices.h"
#include "core/stats.h"
#include "heap/heap_state.h"
#include "heap/node_arenas.h"

namespace gmem::heap {
namespace {

// jemalloc asks for the blocks of its own bookkeeping in this shape, and for
// little else.
bool looks_like_metadata(std::uintptr_t wanted, std::size_t size,
                         std::size_t alignment) {
  return wanted == 0 && alignment >= kPageSize && size % kPageSize == 0;
}

ChunkSource& data_source(extent_hooks_t* hooks) {
  return hooks == &gmem_extent_hooks ? heap_state.data
                                     : node_arena(hooks).source;
}

// Calls visit(state, page, first, last) for each 2 MiB page that the extent's
// bytes [offset, offset + length) touch, with the pieces of it that they fill.
template <typename Visit>
void for_each_page(void* extent, std::size_t offset, std::size_t length,
                   Visit visit) {
  std::uintptr_t at = reinterpret_cast<std::uintptr_t>(extent) + offset;
  const std::uintptr_t end = at + length;
  while (at < end) {
    const std::uintptr_t page = page_floor(at);
    const std::uintptr_t stop = std::min(end, page + kPageSize);
    visit(heap_state.chunks.at(page), page, (at - page) / kPieceSize,
          (stop - page) / kPieceSize);
    at = stop;
  }
}

// Nothing of it is in use before jemalloc commits it.
void note_unused(std::uintptr_t start, std::size_t size) {
  for_each_page(reinterpret_cast<void*>(start), 0, size,
                [](PageState& state, std::uintptr_t, std::size_t first,
                   std::size_t last) {
                  state.count_decommitted(
                      static_cast<int>(state.decommitted.add(first, last)));
                  state.zero.add(first, last);
                });
}

void* allocate(extent_hooks_t* hooks, void* new_address, std::size_t size,
               std::size_t alignment, bool* zero, bool* commit, unsigned) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(new_address);
  std::uintptr_t start = 0;
  {
    HeapLock lock;
    ChunkSource& source = looks_like_metadata(wanted, size, alignment)
                              ? heap_state.metadata
                              : data_source(hooks);
    start = source.allocate(size, alignment, wanted, heap_state.chunks);
    if (start != 0 && !*commit) note_unused(start, size);
  }
  if (start == 0) return nullptr;
  *zero = true;
  return reinterpret_cast<void*>(start);
}

void give_back(PageState& state, std::uintptr_t page) {
  if (state.next_held_run(0).empty()) return;
  const auto bytes = ByteRange::from(page, kPageSize);
  if (!bytes || !chunk_device().purge_chunk(PageRange::inward(*bytes)))
    return;
  stats.purged_bytes.add(state.zero.add(0, kPiecesPerPage) * kPieceSize);
}

bool decommit(extent_hooks_t*, void* extent, std::size_t, std::size_t offset,
              std::size_t length, unsigned) {
  HeapLock lock;
  for_each_page(extent, offset, length,
                [](PageState& state, std::uintptr_t page, std::size_t first,
                   std::size_t last) {
                  state.count_decommitted(
                      static_cast<int>(state.decommitted.add(first, last)));
                  if (state.wholly_decommitted()) give_back(state, page);
                });
  return false;
}

void clear_what_is_not_zero(PageState& state, std::uintptr_t page,
                            std::size_t first, std::size_t last) {
  for (std::size_t piece = first; piece < last; ++piece) {
    if (!state.zero.contains(piece))
      memset(reinterpret_cast<void*>(page + piece * kPieceSize), 0,
             kPieceSize);
  }
}

bool commit(extent_hooks_t*, void* extent, std::size_t, std::size_t offset,
            std::size_t length, unsigned) {
  HeapLock lock;
  heap_state.committed_bytes.fetch_add(length, std::memory_order_relaxed);
  for_each_page(extent, offset, length,
                [](PageState& state, std::uintptr_t page, std::size_t first,
                   std::size_t last) {
                  state.count_decommitted(
                      -static_cast<int>(state.decommitted.remove(first, last)));
                  clear_what_is_not_zero(state, page, first, last);
                  state.zero.remove(first, last);
                });
  return false;
}

// Neighbours may be cut and joined at will: a chunk has no border inside, and
// chunks side by side are one run of pages.
bool split(extent_hooks_t*, void*, std::size_t, std::size_t, std::size_t,
           bool, unsigned) {
  return false;
}

bool merge(extent_hooks_t*, void*, std::size_t, void*, std::size_t, bool,
           unsigned) {
  return false;
}

}  // namespace
}  // namespace gmem::heap

// Without the lock: other threads may change it, and a hint it is.
extern "C" [[gnu::visibility("hidden")]] unsigned gmem_unused_in_page(
    std::uintptr_t address) {
  return __atomic_load_n(
      &gmem::heap::heap_state.chunks.at(address).decommitted_count,
      __ATOMIC_RELAXED);
}

extern "C" const extent_hooks_t gmem_extent_hooks = {
    gmem::heap::allocate,
    nullptr,  // dalloc: address space is retained
    nullptr,  // destroy: arenas live as long as the process
    gmem::heap::commit,
    gmem::heap::decommit,
    nullptr,  // purge_lazy and purge_forced: decommit does it
    nullptr,
    gmem::heap::split,
    gmem::heap::merge,
};
