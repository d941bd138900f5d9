// SPDX-License-Identifier: MulanPSL-2.0
// What a range must be for a prefetch to any node.
#ifndef GMEM_CORE_RANGE_EXTENT_H
#define GMEM_CORE_RANGE_EXTENT_H

#include "core/device.h"
#include "core/page_range.h"
#include "core/vma_walk.h"

namespace gmem {

// The mappings that hold the first and the last byte of a range, where it is
// mapped without a hole (else -ENOMEM) and accessible throughout (-EACCES).
Error find_extent(const ByteRange& range, Mapping* first, Mapping* last);

}  // namespace gmem

#endif  // GMEM_CORE_RANGE_EXTENT_H
