// SPDX-License-Identifier: MulanPSL-2.0
// What realloc has of a large block, at its new place.
#include <string.h>

#include <cstddef>
#include <cstdint>

#include "core/stats.h"
#include "heap/backing.h"
#include "heap/heap_state.h"

namespace gmem::heap {
namespace {

constexpr std::size_t kSmallest = 2 * kPageSize;  // less is as quickly copied

// Each place that was moved to is a mapping of its own, of which the kernel allows
// a process 65530 by default: no more than so many of them together are the heap.
constexpr std::size_t kMost = 512;

bool is_worth_moving(std::size_t size) {
  return size >= kSmallest && size >= stats.chunk_bytes.get() / kMost;
}

// So much of `pages` from its begin on goes to pages of the same kind: what the
// kernel was told of the former would be true of the latter from now on.
std::size_t length_of_same_kind(const PageRange& pages, std::uintptr_t to) {
  const ChunkTable& chunks = heap_state.chunks;
  const HeapLock lock;
  std::size_t length = 0;
  while (length < pages.size() &&
         chunks.backing(pages.begin() + length) ==
             chunks.backing(to + length) &&
         chunks.node_of(pages.begin() + length) == chunks.node_of(to + length))
    length += kPageSize;
  return length;
}

void copy(std::uintptr_t from, std::uintptr_t to, std::size_t size) {
  memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from),
         size);
}

// Returns what Device::move_chunk does.
std::size_t move(const PageRange& pages, std::uintptr_t to) {
  for (std::size_t done = 0; done < pages.size();) {
    const auto rest = PageRange::inward(
        *ByteRange::from(pages.begin() + done, pages.size() - done));
    const std::size_t same = length_of_same_kind(rest, to + done);
    if (same == 0) {
      copy(rest.begin(), to + done, kPageSize);
      done += kPageSize;
      continue;
    }
    const auto part = PageRange::inward(*ByteRange::from(rest.begin(), same));
    const std::size_t arrived = backing()->move_chunk(part, to + done);
    done += arrived;
    if (arrived < same) return done;
  }
  return pages.size();
}

}  // namespace
}  // namespace gmem::heap

extern "C" [[gnu::visibility("hidden")]] std::size_t gmem_move_block(
    void* new_block, const void* block, std::size_t size) {
  using namespace gmem;
  const auto to = reinterpret_cast<std::uintptr_t>(new_block);
  const auto from = reinterpret_cast<std::uintptr_t>(block);
  const PageRange pages = PageRange::inward(*ByteRange::from(from, size));
  if (!heap::is_worth_moving(size) || (from - to) % kPageSize != 0 ||
      pages.empty()) {
    heap::copy(from, to, size);
    return size;
  }
  const std::size_t before = pages.begin() - from;
  const std::size_t arrived = heap::move(pages, to + before);
  heap::copy(from, to, before);
  if (arrived < pages.size()) return before + arrived;
  heap::copy(pages.end(), to + before + arrived, size - before - arrived);
  return size;
}
