// SPDX-License-Identifier: MulanPSL-2.0
// Eager free, wherever the pages are.
#ifndef GMEM_ASCEND_DISCARD_H
#define GMEM_ASCEND_DISCARD_H

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::ascend {

// gmemFreeEager's semantics on a non-empty set of whole pages.
Error discard(const PageRange& pages);

// Whole pages of a peer-shared chunk; false where they keep their contents.
bool purge_peer_chunk(const PageRange& pages);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_DISCARD_H
