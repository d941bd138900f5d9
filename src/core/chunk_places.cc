// SPDX-License-Identifier: MulanPSL-2.0
#include "core/chunk_places.h"

#include <sys/mman.h>

#include "core/page_range.h"

namespace gmem {
namespace {

constexpr std::uintptr_t kFarBelow = std::uintptr_t{1} << 40;

}  // namespace

// Below the usual area, whose start the kernel chose at random; 0 where the
// address space is too small for such a thing.
std::uintptr_t ChunkPlaces::first_place() const {
  void* const usual = mmap(nullptr, kPageSize, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (usual == MAP_FAILED) return 0;
  munmap(usual, kPageSize);
  const auto address = reinterpret_cast<std::uintptr_t>(usual);
  const std::uintptr_t below = distance_ * kFarBelow;
  return address > 2 * below ? page_floor(address - below) : 0;
}

std::uintptr_t ChunkPlaces::map(std::uintptr_t hint, std::size_t size) {
  std::uintptr_t chunk = hint == 0 ? 0 : mapper_.at(hint, size);
  if (chunk != 0) return chunk;
  std::uintptr_t place = next_.load(std::memory_order_relaxed);
  if (place == 0) place = first_place();
  if (place != 0) chunk = mapper_.at(place, size);
  if (chunk == 0) chunk = mapper_.anywhere(size);
  if (chunk != 0) next_.store(chunk + size, std::memory_order_relaxed);
  return chunk;
}

}  // namespace gmem
