// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/peer_chunks.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gmem::ascend {
namespace {

// Chunks grow behind one another, so that few runs are ever begun.
constexpr std::size_t kMostRuns = 1024;

struct Run {
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};
};
Run runs[kMostRuns];
std::atomic<std::size_t> run_count{0};

PageRange pages_between(std::uintptr_t begin, std::uintptr_t end) {
  return PageRange::inward(
      *ByteRange::from(begin, std::max(begin, end) - begin));
}

}  // namespace

bool add_peer_chunk(const PageRange& chunk) {
  const std::size_t count = run_count.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    if (runs[i].end.load(std::memory_order_relaxed) != chunk.begin()) continue;
    runs[i].end.store(chunk.end(), std::memory_order_release);
    return true;
  }
  if (count == kMostRuns) return false;
  runs[count].begin.store(chunk.begin(), std::memory_order_relaxed);
  runs[count].end.store(chunk.end(), std::memory_order_relaxed);
  run_count.store(count + 1, std::memory_order_release);
  return true;
}

bool has_peer_chunks() {
  return run_count.load(std::memory_order_acquire) != 0;
}

PageRange first_peer_run(const PageRange& pages) {
  std::uintptr_t begin = pages.end();
  std::uintptr_t end = pages.end();
  const std::size_t count = run_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uintptr_t low =
        std::max(runs[i].begin.load(std::memory_order_relaxed), pages.begin());
    const std::uintptr_t high =
        std::min(runs[i].end.load(std::memory_order_acquire), pages.end());
    if (low >= high || low >= begin) continue;
    begin = low;
    end = high;
  }
  return pages_between(begin, end);
}

}  // namespace gmem::ascend
