// SPDX-License-Identifier: MulanPSL-2.0
// Memory for the heap.  Called from inside malloc.
#ifndef GMEM_HOST_CHUNK_MAP_H
#define GMEM_HOST_CHUNK_MAP_H

#include <cstdint>

#include "core/device.h"

namespace gmem::host {

// Device::map_chunk's semantics.
std::uintptr_t map_chunk(const ChunkRequest& request);

// Device::keep_chunk's semantics.
void keep_chunk(const PageRange& pages, Hnid node);

// Device::purge_chunk's semantics.
bool purge_chunk(const PageRange& pages);

// Device::purge_part's semantics.
bool purge_part(const ByteRange& part);

}  // namespace gmem::host

#endif  // GMEM_HOST_CHUNK_MAP_H
