// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/keep_on_node.h"

#include "heap/heap_state.h"

namespace gmem::heap {
namespace {

PageRange first_run_in(std::uintptr_t begin, std::uintptr_t end) {
  HeapLock lock;
  return heap_state.chunks.first_run_in(begin, end);
}

}  // namespace

void keep_on_node(Device& device, const ByteRange& range, Hnid node) {
  const PageRange pages = PageRange::outward(range);
  for (PageRange run = first_run_in(pages.begin(), pages.end()); !run.empty();
       run = first_run_in(run.end(), pages.end()))
    device.keep_chunk(run, node);
}

}  // namespace gmem::heap
