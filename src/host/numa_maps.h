// SPDX-License-Identifier: MulanPSL-2.0
// /proc/self/numa_maps: on which nodes the pages of each mapping lie, where
// the kernel's policy forbids to ask page by page.
#ifndef GMEM_HOST_NUMA_MAPS_H
#define GMEM_HOST_NUMA_MAPS_H

#include "core/page_range.h"

namespace gmem::host {

// Whether numa_maps is worth reading for the range: the kernel walks all that
// the process has resident for it, at several times the speed at which it
// answers for single pages.
bool is_much_of_what_is_resident(const ByteRange& range);

// Whether no page of the mappings that the range touches lies on another
// node; false, too, where that cannot be read.
bool mappings_lie_on(const ByteRange& range, int node);

}  // namespace gmem::host

#endif  // GMEM_HOST_NUMA_MAPS_H
