// SPDX-License-Identifier: MulanPSL-2.0
// Memory for the heap that a device can share.  Called from inside malloc.
#ifndef GMEM_ASCEND_CHUNK_MAP_H
#define GMEM_ASCEND_CHUNK_MAP_H

#include <cstdint>

#include "core/device.h"

namespace gmem::ascend {

// A peer-shared chunk, noted as such; 0 where the kernel has none to give,
// which may be otherwise the next time: the newest kernels want a device
// attached first.  Nor is there any for whom /dev/gmem is closed, who could
// never give such memory back.
std::uintptr_t map_peer_chunk(const ChunkRequest& request);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_CHUNK_MAP_H
