// SPDX-License-Identifier: MulanPSL-2.0
// Prefetched memory of the heap's own stays where it was prefetched.
#ifndef GMEM_HEAP_KEEP_ON_NODE_H
#define GMEM_HEAP_KEEP_ON_NODE_H

#include "core/device.h"

namespace gmem::heap {

// Has the device keep those pages that the range touches and the heap owns.
// Other memory is the user's, and its policies too.
void keep_on_node(Device& device, const ByteRange& range, Hnid node);

}  // namespace gmem::heap

#endif  // GMEM_HEAP_KEEP_ON_NODE_H
