// SPDX-License-Identifier: MulanPSL-2.0
#include "host/resident.h"

#include <errno.h>

#include <algorithm>

#include "core/vma_walk.h"
#include "host/nodes.h"
#include "host/page_nodes.h"
#include "host/page_scan.h"

namespace gmem::host {
namespace {

// Adds up the bytes of those pages that lie on one node.
class NodeCount {
 public:
  explicit NodeCount(int node) : node_(node) {}

  Error add(std::uintptr_t begin, std::uintptr_t end) {
    pages_[count_] = reinterpret_cast<void*>(begin);
    sizes_[count_++] = end - begin;
    return count_ == kBatch ? flush() : 0;
  }

  Error flush() {
    if (count_ == 0) return 0;
    int nodes[kBatch];
    if (const Error error = query_resident_nodes(pages_, count_, nodes))
      return error;
    for (std::size_t i = 0; i < count_; ++i)
      if (nodes[i] == node_) total_ += sizes_[i];
    count_ = 0;
    return 0;
  }

  std::size_t total() const { return total_; }

 private:
  static constexpr std::size_t kBatch = 32;  // on the caller's stack

  const int node_;
  std::size_t total_ = 0;
  std::size_t count_ = 0;
  void* pages_[kBatch];
  std::size_t sizes_[kBatch];
};

Error resident_bytes_on(const ByteRange& range, int node,
                        std::size_t* resident) {
  NodeCount on_node(node);
  const std::uintptr_t small = kernel_page_size();
  PageScan scan(range);
  PageRun run;
  while (scan.next(&run)) {
    const std::uintptr_t page_size = run.huge ? kPageSize : small;
    const std::uintptr_t run_end = std::min(run.end, range.end());
    for (std::uintptr_t begin = std::max(run.begin, range.begin());
         begin < run_end;) {
      const std::uintptr_t page_end = (begin & ~(page_size - 1)) + page_size;
      const std::uintptr_t end = std::min(page_end, run_end);
      if (const Error error = on_node.add(begin, end)) return error;
      begin = end;
    }
  }
  if (const Error error = on_node.flush()) return error;
  *resident = on_node.total();
  return scan.error();
}

}  // namespace

Error resident_size(const ByteRange& range, Hnid node, std::size_t* resident) {
  if (const Error error = check_mapped(range)) return error;
  if (node == Hnid::kAny || !has_several_nodes())
    return resident_bytes(range, resident);
  return resident_bytes_on(range, static_cast<int>(node), resident);
}

}  // namespace gmem::host
