// SPDX-License-Identifier: MulanPSL-2.0
#include "host/chunk_map.h"

#include <errno.h>
#include <sys/mman.h>

#include <atomic>

#include "core/chunk_places.h"
#include "core/conf.h"
#include "core/error_text.h"
#include "core/log.h"
#include "core/name_mapping.h"
#include "core/small_file.h"
#include "core/vma_walk.h"
#include "host/advice.h"
#include "host/discard.h"
#include "host/node_mask.h"
#include "host/nodes.h"
#include "host/numa_calls.h"

namespace gmem::host {
namespace {

// From this size on the kernel is to say whether so much can be had at all: a
// request that is plainly more than the machine has, as from a damaged file's
// header, then fails at once, as it does with the C library's malloc.  Well above
// what alignment may ask for beside the block.
constexpr std::size_t kPerhapsAbsurd = std::size_t{1} << 36;

// 0 where there is no memory.  hint: taken where it is free, and where `flags`
// says so nowhere else.
std::uintptr_t map(std::uintptr_t hint, std::size_t size, int flags = 0) {
  if (size < kPerhapsAbsurd) flags |= MAP_NORESERVE;
  void* const memory =
      mmap(reinterpret_cast<void*>(hint), size, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return memory == MAP_FAILED ? 0 : reinterpret_cast<std::uintptr_t>(memory);
}

void unmap(std::uintptr_t begin, std::uintptr_t end) {
  if (begin < end) munmap(reinterpret_cast<void*>(begin), end - begin);
}

std::uintptr_t map_at(std::uintptr_t place, std::size_t size) {
  const std::uintptr_t memory = map(place, size, MAP_FIXED_NOREPLACE);
  if (memory == 0 || memory == place) return memory;
  // Kernels before 4.17 take the address for a wish.
  unmap(memory, memory + size);
  return 0;
}

std::uintptr_t map_aligned_anywhere(std::size_t size) {
  std::size_t enough = 0;
  if (__builtin_add_overflow(size, kPageSize, &enough)) return 0;
  const std::uintptr_t memory = map(0, enough);
  if (memory == 0) return 0;
  const std::uintptr_t begin = page_floor(memory + kPageSize - 1);
  unmap(memory, begin);
  unmap(begin + size, memory + enough);
  return begin;
}

constexpr ChunkMapper kMapper = {map_at, map_aligned_anywhere};
ChunkPlaces data_places(kMapper, 1);
ChunkPlaces metadata_places(kMapper, 2);

void place(const ByteRange& chunk, Hnid node) {
  const NodeMask only(static_cast<int>(node));
  const int mode = conf().strict_placement ? MPOL_BIND : MPOL_PREFERRED;
  if (mbind(reinterpret_cast<void*>(chunk.begin()), chunk.size(), mode,
            only.words, NodeMask::kBits, 0) == 0)
    return;
  // Once is enough: it will be refused each time.
  static std::atomic<bool> said{false};
  if (!said.exchange(true))
    log(LogLevel::kWarn, "the heap's memory cannot be kept on node %d: %s",
        static_cast<int>(node), error_text(-errno));
}

}  // namespace

std::uintptr_t map_chunk(const ChunkRequest& request) {
  ChunkPlaces& places = request.metadata ? metadata_places : data_places;
  const std::uintptr_t begin = places.map(request.hint, request.size);
  if (begin == 0) return 0;

  const ByteRange chunk = *ByteRange::from(begin, request.size);
  void* const memory = reinterpret_cast<void*>(begin);
  const bool huge = request.huge_pages && !request.metadata;
  madvise(memory, chunk.size(), huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  if (request.node != Hnid::kAny) place(chunk, request.node);
  static std::atomic<bool> named{false};
  if (!named.exchange(true, std::memory_order_relaxed))
    name_mapping(chunk, "gmem");
  return begin;
}

void keep_chunk(const PageRange& pages, Hnid node) {
  // Balancing spares memory that has a policy.
  if (has_several_nodes() &&
      number_in_file("/proc/sys/kernel/numa_balancing").value_or(0) != 0)
    place(pages.bytes(), node);
}

bool purge_chunk(const PageRange& pages) {
  if (advice_is_followed()) return release(pages.bytes()) == 0;
  // malloc takes purged pages for zero: new ones are, whatever becomes of
  // advice.
  return is_mapped_throughout(pages.bytes()) &&
         map(pages.begin(), pages.size(), MAP_FIXED) != 0;
}

bool purge_part(const ByteRange& part) {
  return advice_is_followed() && release(part) == 0;
}

}  // namespace gmem::host
