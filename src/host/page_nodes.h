// SPDX-License-Identifier: MulanPSL-2.0
// On which nodes pages lie.
#ifndef GMEM_HOST_PAGE_NODES_H
#define GMEM_HOST_PAGE_NODES_H

#include <cstddef>

#include "core/device.h"

namespace gmem::host {

// Stores for each page its node, or a negative errno where no page of its
// own is there.  -EPERM where the kernel's policy forbids to ask.
Error query_nodes(void** pages, std::size_t count, int* nodes);

}  // namespace gmem::host

#endif  // GMEM_HOST_PAGE_NODES_H
