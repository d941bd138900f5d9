// SPDX-License-Identifier: MulanPSL-2.0
// Where the heap's chunks come to lie: one behind the other, upward.
//
// The kernel hands addresses out downward, so whatever is mapped next lies
// right below a chunk.  Far enough below the usual area there is nothing, and
// chunks can grow.  Each kind of chunk has a distance of its own, out of the
// way of the others' growth.
#ifndef GMEM_CORE_CHUNK_PLACES_H
#define GMEM_CORE_CHUNK_PLACES_H

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gmem {

// How chunks of one kind are mapped; each is 0 where there is no memory.
struct ChunkMapper {
  // At the place, or not at all.
  std::uintptr_t (*at)(std::uintptr_t place, std::size_t size);
  // At a multiple of kPageSize of the kernel's choice.
  std::uintptr_t (*anywhere)(std::size_t size);
};

class ChunkPlaces {
 public:
  // distance: a small number of its own for each kind.
  constexpr ChunkPlaces(const ChunkMapper& mapper, unsigned distance)
      : mapper_(mapper), distance_(distance) {}

  // At the hint where it is not 0 and free, else behind the last chunk, else
  // anywhere.  Called from inside malloc.
  std::uintptr_t map(std::uintptr_t hint, std::size_t size);

 private:
  std::uintptr_t first_place() const;

  const ChunkMapper mapper_;
  const unsigned distance_;
  std::atomic<std::uintptr_t> next_{0};  // 0 before the first
};

}  // namespace gmem

#endif  // GMEM_CORE_CHUNK_PLACES_H
