// SPDX-License-Identifier: MulanPSL-2.0
// Brings memory home from a device.  The kernel has no call for it: a page
// comes home when a CPU touches it.
#ifndef GMEM_ASCEND_BRING_HOME_H
#define GMEM_ASCEND_BRING_HOME_H

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::ascend {

// gmemPrefetch's semantics on a non-empty range and an ordinary node.  Peer-
// shared memory is not moved between ordinary nodes, of which GMEM would not
// know: -EBUSY where some lies on another one, or is pinned to a device.
Error bring_home(const ByteRange& range, Hnid node);

// Touches all pages of peer-shared mappings to read; what is pinned stays.
void bring_home_all(const PageRange& pages);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_BRING_HOME_H
