// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/small_for_now.h"

#include <cstddef>

#include "heap/backing.h"
#include "heap/heap_state.h"

namespace gmem::heap {
namespace {

using Backing = ChunkTable::Backing;

// Each may cut the mapping that it lies in into three, of which the kernel
// allows a process 65530 by default.  Side by side they are one.
constexpr std::size_t kMost = 4096;
std::size_t count = 0;

PageRange only(std::uintptr_t page) {
  return PageRange::inward(*ByteRange::from(page, kPageSize));
}

}  // namespace

void use_small_for_now(std::uintptr_t page) {
  if (count == kMost || heap_state.chunks.backing(page) != Backing::kHuge)
    return;
  backing()->use_small_pages(only(page));
  heap_state.chunks.set_backing(page, Backing::kSmallForNow);
  ++count;
}

void use_huge_again(std::uintptr_t page) {
  if (heap_state.chunks.backing(page) != Backing::kSmallForNow) return;
  backing()->use_huge_pages(only(page));
  heap_state.chunks.set_backing(page, Backing::kHuge);
  --count;
}

}  // namespace gmem::heap
