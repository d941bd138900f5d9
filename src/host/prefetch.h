// SPDX-License-Identifier: MulanPSL-2.0
// Makes a range resident on a node.
#ifndef GMEM_HOST_PREFETCH_H
#define GMEM_HOST_PREFETCH_H

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::host {

// gmemPrefetch's semantics on a non-empty range and a usable node.
Error prefetch(const ByteRange& range, int node);

// The first part of that: pages that are not there come to lie on the node.
Error fill_in(const ByteRange& range, int node);

}  // namespace gmem::host

#endif  // GMEM_HOST_PREFETCH_H
