// SPDX-License-Identifier: MulanPSL-2.0
// How much of a range is resident on a node, as far as that can be told.
#ifndef GMEM_ASCEND_RESIDENT_H
#define GMEM_ASCEND_RESIDENT_H

#include <cstddef>

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::ascend {

// gmemGetResidentSize's semantics.  No GMEM kernel tells which pages a device
// has: -ENOSYS where the answer depends on it.
Error resident_size(const ByteRange& range, Hnid node, std::size_t* resident);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_RESIDENT_H
