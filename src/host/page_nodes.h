// SPDX-License-Identifier: MulanPSL-2.0
// On which nodes pages lie.
#ifndef GMEM_HOST_PAGE_NODES_H
#define GMEM_HOST_PAGE_NODES_H

#include <cstddef>

#include "core/device.h"

namespace gmem::host {

// Stores for each page its node, or a negative errno where no page of its
// own is there.  -EPERM where the kernel does not say, as its policy forbids.
Error query_nodes(void** pages, std::size_t count, int* nodes);

// The same for pages that are known to be resident and not of zeros, by
// another way where that one says nothing: containers forbid it, and kernels
// before 6.6 take pages that NUMA balancing watches for absent.
Error query_resident_nodes(void** pages, std::size_t count, int* nodes);

}  // namespace gmem::host

#endif  // GMEM_HOST_PAGE_NODES_H
