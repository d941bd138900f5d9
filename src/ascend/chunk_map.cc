// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/chunk_map.h"

#include <sys/mman.h>

#include <atomic>

#include "ascend/gmem_file.h"
#include "ascend/peer_chunks.h"
#include "ascend/peer_flag.h"
#include "core/chunk_places.h"
#include "core/conf.h"
#include "core/name_mapping.h"
#include "core/page_range.h"

namespace gmem::ascend {
namespace {

// The kernel puts it at a multiple of 2 MiB.  Never MAP_FIXED, which a GMEM
// kernel refuses over anything that is mapped.
std::uintptr_t map(std::uintptr_t wish, std::size_t size) {
  const int flag = peer_shared_flag();
  if (flag == 0) return 0;
  void* const memory =
      mmap(reinterpret_cast<void*>(wish), size, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flag, -1, 0);
  return memory == MAP_FAILED ? 0 : reinterpret_cast<std::uintptr_t>(memory);
}

std::uintptr_t map_anywhere(std::size_t size) { return map(0, size); }

std::uintptr_t map_at(std::uintptr_t place, std::size_t size) {
  const std::uintptr_t memory = map(place, size);
  if (memory == 0 || memory == place) return memory;
  munmap(reinterpret_cast<void*>(memory), size);
  return 0;
}

constexpr ChunkMapper kMapper = {map_at, map_anywhere};
ChunkPlaces places(kMapper, 3);

}  // namespace

std::uintptr_t map_peer_chunk(const ChunkRequest& request) {
  if (peer_shared_flag() == 0 || !can_open_gmem()) return 0;
  const std::size_t size = request.size;
  const std::uintptr_t begin = places.map(request.hint, size);
  if (begin == 0) return 0;
  void* const memory = reinterpret_cast<void*>(begin);
  const ByteRange chunk = *ByteRange::from(begin, size);
  if (!add_peer_chunk(PageRange::inward(chunk))) {
    munmap(memory, size);
    return 0;
  }
  if (request.huge_pages) madvise(memory, size, MADV_HUGEPAGE);
  if (conf().exclude_from_fork) madvise(memory, size, MADV_DONTFORK);
  static std::atomic<bool> named{false};
  if (!named.exchange(true, std::memory_order_relaxed))
    name_mapping(chunk, "gmem-peer");
  return begin;
}

}  // namespace gmem::ascend
