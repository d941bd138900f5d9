// SPDX-License-Identifier: MulanPSL-2.0
// Memory for the heap that a device can share.  Called from inside malloc.
#ifndef GMEM_ASCEND_CHUNK_MAP_H
#define GMEM_ASCEND_CHUNK_MAP_H

#include <cstddef>
#include <cstdint>

namespace gmem::ascend {

// A peer-shared chunk, noted as such; 0 where the kernel has none to give,
// which may be otherwise the next time: the newest kernels want a device
// attached first.  Nor is there any for whom /dev/gmem is closed, who could
// never give such memory back.
std::uintptr_t map_peer_chunk(std::uintptr_t hint, std::size_t size);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_CHUNK_MAP_H
