// SPDX-License-Identifier: MulanPSL-2.0
// Where extents come from: chunks of whole 2 MiB pages that the device maps,
// each put behind the last where the address is free, and filled upward.
//
// Not thread-safe: the caller holds the heap's lock.
#ifndef GMEM_HEAP_CHUNK_SOURCE_H
#define GMEM_HEAP_CHUNK_SOURCE_H

#include <cstddef>
#include <cstdint>

#include "core/device.h"
#include "heap/chunk_table.h"

namespace gmem::heap {

// What jemalloc has an arena grow by at most (GMEM_LARGEST_GROWTH): what is larger is
// one block.
inline constexpr std::size_t kLargestGrowth = std::size_t{64} << 20;

class ChunkSource {
 public:
  enum class Use { kData, kMetadata };

  // node: where the memory is to lie; kAny: as conf "heap_node:N" says, which
  // leaves metadata alone.
  constexpr explicit ChunkSource(Use use, Hnid node = Hnid::kAny)
      : use_(use), node_(node) {}

  // size bytes of zeros at a multiple of alignment (a power of two), entered
  // in the table; at wanted where that is not 0.  0 where there are none.
  std::uintptr_t allocate(std::size_t size, std::size_t alignment,
                          std::uintptr_t wanted, ChunkTable& table);

  // Whether that comes from chunks that are mapped already.
  bool has_room_for(std::size_t size, std::size_t alignment) const;

  // Has so much mapped ahead, in one piece.  False where it cannot be had.
  bool map_ahead(std::size_t size, ChunkTable& table);

 private:
  bool extend(std::size_t size, std::size_t alignment, ChunkTable& table);

  Hnid node() const;
  bool wants_huge_pages(std::size_t size) const;
  void use_huge_pages_from_now_on(ChunkTable& table);
  void note_small_pages(const ByteRange& chunk);

  const Use use_;
  const Hnid node_;
  std::uintptr_t next_ = 0;
  std::uintptr_t end_ = 0;
  std::size_t mapped_ = 0;
  // The chunks that were mapped without huge pages, while the heap was small.
  std::uintptr_t small_pages_begin_ = 0;
  std::uintptr_t small_pages_end_ = 0;
};

}  // namespace gmem::heap

#endif  // GMEM_HEAP_CHUNK_SOURCE_H
