// SPDX-License-Identifier: MulanPSL-2.0
#include "host/page_nodes.h"

#include <errno.h>

#include "core/call_again.h"
#include "host/numa_calls.h"

namespace gmem::host {
namespace {

// Reads from the page; -EFAULT where that may not be, -EPERM where the kernel
// does not say.
int node_by_touch(void* page) {
  int node = -1;
  const long result = call_again([&] {
    return get_mempolicy(&node, nullptr, 0, page, MPOL_F_NODE | MPOL_F_ADDR);
  });
  if (result == 0) return node;
  return errno == EFAULT ? -EFAULT : -EPERM;
}

}  // namespace

Error query_nodes(void** pages, std::size_t count, int* nodes) {
  return call_again([&] {
           return move_pages(0, count, pages, nullptr, nodes, 0);
         }) >= 0
             ? 0
             : -EPERM;
}

Error query_resident_nodes(void** pages, std::size_t count, int* nodes) {
  const Error error = query_nodes(pages, count, nodes);
  for (std::size_t i = 0; i < count; ++i) {
    if (error == 0 && nodes[i] != -EFAULT) continue;
    nodes[i] = node_by_touch(pages[i]);
    if (nodes[i] == -EPERM && error != 0) return error;
  }
  return 0;
}

}  // namespace gmem::host
