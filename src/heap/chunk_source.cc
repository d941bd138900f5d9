// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/chunk_source.h"

#include <optional>

#include "core/conf.h"
#include "core/stats.h"
#include "heap/backing.h"
#include "heap/heap_settings.h"

namespace gmem::heap {
namespace {

// The first multiple of alignment at or above; nothing where that wraps.
std::optional<std::uintptr_t> align_up(std::uintptr_t address,
                                       std::size_t alignment) {
  std::uintptr_t sum = 0;
  if (__builtin_add_overflow(address, alignment - 1, &sum)) return std::nullopt;
  return sum & ~(alignment - 1);
}

}  // namespace

Hnid ChunkSource::node() const {
  if (node_ != Hnid::kAny || use_ == Use::kMetadata) return node_;
  return Hnid{conf().heap_node};
}

// A small program's few blocks, spread over the arenas of its threads, would
// each hold a huge page; and so would each touch of a block that is larger than
// what arenas grow by, a table of which little is used perhaps.
bool ChunkSource::wants_huge_pages(std::size_t size) const {
  constexpr std::size_t kLarge = std::size_t{16} << 20;
  switch (heap_settings().huge_pages) {
    case HugePages::kNever:
      return false;
    case HugePages::kAlways:
      return true;
    case HugePages::kLarge:
      break;
  }
  if (node_ != Hnid::kAny) return true;
  return mapped_ + size > kLarge && size <= kLargestGrowth;
}

// The heap is no longer small: what it has begun with is as worth them as the
// rest, where it is in use.
void ChunkSource::use_huge_pages_from_now_on(ChunkTable& table) {
  const auto is_empty = [&](std::uintptr_t page) {
    return table.is_too_empty_for_huge_page(page);
  };
  std::uintptr_t page = small_pages_begin_;
  while (page < small_pages_end_) {
    const std::uintptr_t begin = page;
    while (page < small_pages_end_ && !is_empty(page)) page += kPageSize;
    const auto run = ByteRange::from(begin, page - begin);
    if (run && !run->empty())
      backing()->use_huge_pages(PageRange::inward(*run));
    for (std::uintptr_t made = begin; made < page; made += kPageSize)
      table.set_backing(made, ChunkTable::Backing::kHuge);
    while (page < small_pages_end_ && is_empty(page)) page += kPageSize;
  }
  small_pages_begin_ = small_pages_end_ = 0;
}

// Chunks lie side by side, as a rule; where not, the last ones count.
void ChunkSource::note_small_pages(const ByteRange& chunk) {
  if (chunk.begin() != small_pages_end_) small_pages_begin_ = chunk.begin();
  small_pages_end_ = chunk.end();
}

// Maps what an allocation lacks: behind the last chunk if that address is
// free, else a chunk of its own elsewhere, which leaves the rest of the last
// one (under 2 MiB, never touched) unused.
bool ChunkSource::extend(std::size_t size, std::size_t alignment,
                         ChunkTable& table) {
  std::size_t needed = 0;
  const std::size_t padding = alignment > kPageSize ? alignment : 0;
  if (__builtin_add_overflow(size, padding, &needed)) return false;
  const std::optional<std::uintptr_t> rounded = align_up(needed, kPageSize);
  if (!rounded || *rounded == 0) return false;

  const bool metadata = use_ == Use::kMetadata;
  const bool huge_pages = !metadata && wants_huge_pages(*rounded);
  const std::uintptr_t chunk =
      backing()->map_chunk({*rounded, end_, metadata, huge_pages, node()});
  if (chunk == 0) return false;
  stats.chunk_bytes.add(*rounded);
  if (metadata) stats.metadata_bytes.add(*rounded);

  const std::optional<ByteRange> bytes = ByteRange::from(chunk, *rounded);
  if (!bytes || !table.add(PageRange::inward(*bytes), node_, huge_pages))
    return false;
  if (chunk != end_) next_ = chunk;
  end_ = bytes->end();
  mapped_ += *rounded;
  if (huge_pages)
    use_huge_pages_from_now_on(table);
  else if (!metadata)
    note_small_pages(*bytes);
  return true;
}

bool ChunkSource::has_room_for(std::size_t size, std::size_t alignment) const {
  const std::optional<std::uintptr_t> start = align_up(next_, alignment);
  return start && end_ != 0 && *start <= end_ && size <= end_ - *start;
}

bool ChunkSource::map_ahead(std::size_t size, ChunkTable& table) {
  const auto lacking = [&] {
    const std::size_t room = end_ - next_;
    return room < size ? size - room : 0;
  };
  if (lacking() != 0 && !extend(lacking(), kPageSize, table)) return false;
  // What was mapped may lie elsewhere, not behind the last chunk.
  return lacking() == 0 || extend(size, kPageSize, table);
}

std::uintptr_t ChunkSource::allocate(std::size_t size, std::size_t alignment,
                                     std::uintptr_t wanted, ChunkTable& table) {
  for (bool extended = false;; extended = true) {
    const std::optional<std::uintptr_t> start = align_up(next_, alignment);
    if (!start) return 0;
    if (wanted != 0 && wanted != *start) return 0;
    if (has_room_for(size, alignment)) {
      next_ = *start + size;
      return *start;
    }
    if (extended || !extend(size, alignment, table)) return 0;
  }
}

}  // namespace gmem::heap
