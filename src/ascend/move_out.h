// SPDX-License-Identifier: MulanPSL-2.0
// Moves memory to a device.
#ifndef GMEM_ASCEND_MOVE_OUT_H
#define GMEM_ASCEND_MOVE_OUT_H

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::ascend {

// gmemPrefetch's semantics on a non-empty range and the node of a device.
// -EOPNOTSUPP: some of the range is not peer-shared memory; the rest is moved.
Error move_out(const ByteRange& range, int hnid);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_MOVE_OUT_H
