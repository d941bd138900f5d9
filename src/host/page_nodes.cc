// SPDX-License-Identifier: MulanPSL-2.0
#include "host/page_nodes.h"

#include <errno.h>
#include <numaif.h>

namespace gmem::host {

Error query_nodes(void** pages, std::size_t count, int* nodes) {
  if (move_pages(0, count, pages, nullptr, nodes, 0) >= 0) return 0;
  return errno == ENOSYS ? -EPERM : -errno;
}

}  // namespace gmem::host
