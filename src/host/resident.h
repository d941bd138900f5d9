// SPDX-License-Identifier: MulanPSL-2.0
// How much of a range is resident on a node.
#ifndef GMEM_HOST_RESIDENT_H
#define GMEM_HOST_RESIDENT_H

#include <cstddef>

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::host {

// gmemGetResidentSize's semantics: bytes of the range in pages that this
// process has mapped in.
Error resident_size(const ByteRange& range, Hnid node, std::size_t* resident);

}  // namespace gmem::host

#endif  // GMEM_HOST_RESIDENT_H
