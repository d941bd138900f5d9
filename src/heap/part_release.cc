// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/part_release.h"

#include <optional>

#include "core/stats.h"
#include "heap/backing.h"
#include "heap/heap_state.h"
#include "heap/small_for_now.h"

namespace gmem::heap {
namespace {

// A system call each, and for the first in a huge page its cutting up: not for
// less.
constexpr std::size_t kSmallestPart = 4;

PageRange next_run(std::uintptr_t from) {
  HeapLock lock;
  return heap_state.chunks.next_run_in_use(from);
}

// Gives back one part at or above a piece: where it ends; kPiecesPerPage where
// there is none.  The lock is not kept from one to the next.
std::size_t release_next_part(std::uintptr_t page, std::size_t from) {
  HeapLock lock;
  if (!heap_state.chunks.is_too_empty_for_huge_page(page))
    return kPiecesPerPage;
  PageState& state = heap_state.chunks.at(page);
  PieceRun run = state.next_held_run(from);
  while (!run.empty() && run.last - run.first < kSmallestPart)
    run = state.next_held_run(run.last);
  if (run.empty()) return kPiecesPerPage;
  const std::optional<ByteRange> part = ByteRange::from(
      page + run.first * kPieceSize, (run.last - run.first) * kPieceSize);
  if (!part || !backing()->purge_part(*part)) return kPiecesPerPage;
  use_small_for_now(page);
  state.zero.add(run.first, run.last);
  stats.purged_bytes.add(part->size());
  return run.last;
}

}  // namespace

void release_unused_parts() {
  for (PageRange run = next_run(0); !run.empty(); run = next_run(run.end()))
    for (std::uintptr_t page = run.begin(); page < run.end(); page += kPageSize)
      for (std::size_t piece = 0; piece < kPiecesPerPage;)
        piece = release_next_part(page, piece);
}

}  // namespace gmem::heap
