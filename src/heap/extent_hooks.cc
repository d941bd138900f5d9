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

#include "core/stats.h"
#include "heap/backing.h"
#include "heap/heap_state.h"
#include "heap/node_arenas.h"
#include "heap/small_for_now.h"

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

using Whole = ChunkTable::Whole;

// Calls visit(page, first, last) for each 2 MiB page that the extent's bytes
// [offset, offset + length) touch, with the pieces of it that they fill.
template <typename Visit>
void for_each_page(void* extent, std::size_t offset, std::size_t length,
                   Visit visit) {
  std::uintptr_t at = reinterpret_cast<std::uintptr_t>(extent) + offset;
  const std::uintptr_t end = at + length;
  while (at < end) {
    const std::uintptr_t page = page_floor(at);
    const std::uintptr_t stop = std::min(end, page + kPageSize);
    visit(page, (at - page) / kPieceSize, (stop - page) / kPieceSize);
    at = stop;
  }
}

bool is_whole(std::size_t first, std::size_t last) {
  return last - first == kPiecesPerPage;
}

// Nothing of it is in use before jemalloc commits it.
void note_unused(std::uintptr_t start, std::size_t size) {
  ChunkTable& chunks = heap_state.chunks;
  for_each_page(reinterpret_cast<void*>(start), 0, size,
                [&](std::uintptr_t page, std::size_t first, std::size_t last) {
                  if (is_whole(first, last)) return chunks.set_given_back(page);
                  PageState& state = chunks.at(page);
                  state.count_decommitted(
                      static_cast<int>(state.decommitted.add(first, last)));
                  state.zero.add(first, last);
                });
}

// Memory whose bookkeeping has no place is lost: where address space runs out,
// what is for bookkeeping must be there already.  So much of it is kept ahead as
// the data can need, if it is all in extents of one kernel page; but for what a
// small program may never need, or a heap that is larger than limits are.
constexpr std::size_t kDataForOneOfMetadata = 32;
constexpr std::size_t kMostAhead = std::size_t{1} << 30;
constexpr std::size_t kSmallProgram = std::size_t{16} << 20;

bool keep_metadata_ahead(std::size_t data_bytes) {
  if (data_bytes <= kSmallProgram) return true;
  const std::size_t wanted =
      page_floor(data_bytes / kDataForOneOfMetadata + kPageSize - 1);
  return heap_state.metadata.map_ahead(std::min(wanted, kMostAhead),
                                       heap_state.chunks);
}

std::size_t data_bytes() {
  return stats.chunk_bytes.get() - stats.metadata_bytes.get();
}

// For a block that is more than arenas grow by, only once it is there: it may be
// absurd.
std::uintptr_t allocate_data(ChunkSource& source, std::size_t size,
                             std::size_t alignment, std::uintptr_t wanted) {
  if (!source.has_room_for(size, alignment) &&
      !keep_metadata_ahead(data_bytes() + std::min(size, kLargestGrowth)))
    return 0;
  const std::uintptr_t start =
      source.allocate(size, alignment, wanted, heap_state.chunks);
  if (start != 0 && size > kLargestGrowth) keep_metadata_ahead(data_bytes());
  return start;
}

void* allocate(extent_hooks_t* hooks, void* new_address, std::size_t size,
               std::size_t alignment, bool* zero, bool* commit, unsigned) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(new_address);
  std::uintptr_t start = 0;
  {
    HeapLock lock;
    start = looks_like_metadata(wanted, size, alignment)
                ? heap_state.metadata.allocate(size, alignment, wanted,
                                               heap_state.chunks)
                : allocate_data(data_source(hooks), size, alignment, wanted);
    if (start != 0 && !*commit) note_unused(start, size);
  }
  if (start == 0) return nullptr;
  *zero = true;
  return reinterpret_cast<void*>(start);
}

// Pages side by side that go back together: one call to the device for all.
class PagesToGiveBack {
 public:
  ~PagesToGiveBack() { flush(); }

  void add(std::uintptr_t page) {
    if (page != end_) {
      flush();
      begin_ = page;
    }
    end_ = page + kPageSize;
  }

 private:
  void flush() {
    if (begin_ == end_) return;
    const auto bytes = ByteRange::from(begin_, end_ - begin_);
    const bool gone =
        bytes && backing()->purge_chunk(PageRange::inward(*bytes));
    if (gone) stats.purged_bytes.add(bytes->size());
    for (std::uintptr_t page = begin_; page < end_; page += kPageSize)
      if (gone)
        note_given_back(page);
      else
        note_decommitted(page);
  }

  static void note_given_back(std::uintptr_t page) {
    heap_state.chunks.set_given_back(page);
    use_huge_again(page);
  }

  static void note_decommitted(std::uintptr_t page) {
    PageState& state = heap_state.chunks.at(page);
    state.count_decommitted(
        static_cast<int>(state.decommitted.add(0, kPiecesPerPage)));
  }

  std::uintptr_t begin_ = 0, end_ = 0;
};

// Whether all of the page is decommitted now.
bool decommit_pieces(std::uintptr_t page, std::size_t first, std::size_t last) {
  ChunkTable& chunks = heap_state.chunks;
  if (is_whole(first, last) && chunks.whole(page) != Whole::kMixed)
    return chunks.whole(page) == Whole::kInUse;
  PageState& state = chunks.at(page);
  state.count_decommitted(static_cast<int>(state.decommitted.add(first, last)));
  if (!state.wholly_decommitted()) return false;
  if (!state.next_held_run(0).empty()) return true;
  chunks.set_given_back(page);
  use_huge_again(page);
  return false;
}

bool decommit(extent_hooks_t*, void* extent, std::size_t, std::size_t offset,
              std::size_t length, unsigned) {
  HeapLock lock;
  PagesToGiveBack pages;
  for_each_page(extent, offset, length,
                [&](std::uintptr_t page, std::size_t first, std::size_t last) {
                  if (decommit_pieces(page, first, last)) pages.add(page);
                });
  return false;
}

void clear_what_is_not_zero(PageState& state, std::uintptr_t page,
                            std::size_t first, std::size_t last) {
  for (std::size_t piece = first; piece < last; ++piece) {
    if (!state.zero.contains(piece))
      memset(reinterpret_cast<void*>(page + piece * kPieceSize), 0, kPieceSize);
  }
}

void commit_pieces(std::uintptr_t page, std::size_t first, std::size_t last) {
  ChunkTable& chunks = heap_state.chunks;
  if (is_whole(first, last)) {
    if (chunks.whole(page) == Whole::kMixed)
      clear_what_is_not_zero(chunks.at(page), page, first, last);
    return chunks.set_in_use(page);
  }
  PageState& state = chunks.at(page);
  state.count_decommitted(
      -static_cast<int>(state.decommitted.remove(first, last)));
  clear_what_is_not_zero(state, page, first, last);
  state.zero.remove(first, last);
}

bool commit(extent_hooks_t*, void* extent, std::size_t, std::size_t offset,
            std::size_t length, unsigned) {
  HeapLock lock;
  heap_state.committed_bytes.fetch_add(length, std::memory_order_relaxed);
  for_each_page(extent, offset, length, commit_pieces);
  return false;
}

// Neighbours may be cut and joined at will: a chunk has no border inside, and
// chunks side by side are one run of pages.
bool split(extent_hooks_t*, void*, std::size_t, std::size_t, std::size_t, bool,
           unsigned) {
  return false;
}

bool merge(extent_hooks_t*, void*, std::size_t, void*, std::size_t, bool,
           unsigned) {
  return false;
}

}  // namespace
}  // namespace gmem::heap

// The block is its caller's, so nobody else gives its pages back or takes them
// into use meanwhile.
extern "C" [[gnu::visibility("hidden")]] bool gmem_zero_by_system(
    void* block, std::size_t size) {
  using namespace gmem;
  constexpr std::size_t kWorthIt = std::size_t{32} << 20;
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  const auto bytes = ByteRange::from(begin, size);
  if (size < kWorthIt || !bytes) return false;
  const PageRange pages = PageRange::inward(*bytes);
  {
    heap::HeapLock lock;
    if (!heap::backing()->purge_chunk(pages)) return false;
  }
  memset(block, 0, pages.begin() - begin);
  memset(reinterpret_cast<void*>(pages.end()), 0, bytes->end() - pages.end());
  return true;
}

// Without the lock: other threads may change it, and a hint it is.
extern "C" [[gnu::visibility("hidden")]] unsigned gmem_unused_in_page(
    std::uintptr_t address) {
  return gmem::heap::heap_state.chunks.decommitted_count(address);
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
