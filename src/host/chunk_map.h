// SPDX-License-Identifier: MulanPSL-2.0
// Memory for the heap.  Called from inside malloc.
#ifndef GMEM_HOST_CHUNK_MAP_H
#define GMEM_HOST_CHUNK_MAP_H

#include <cstddef>
#include <cstdint>

namespace gmem::host {

// Device::map_chunk's semantics.
std::uintptr_t map_chunk(std::uintptr_t hint, std::size_t size, bool metadata);

}  // namespace gmem::host

#endif  // GMEM_HOST_CHUNK_MAP_H
