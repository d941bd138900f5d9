// SPDX-License-Identifier: MulanPSL-2.0
// Memory that changes its address rather than being copied.
#ifndef GMEM_HOST_MOVE_PAGES_H
#define GMEM_HOST_MOVE_PAGES_H

#include <cstddef>
#include <cstdint>

#include "core/page_range.h"

namespace gmem::host {

// Device::move_chunk's semantics.
std::size_t move_pages(const PageRange& from, std::uintptr_t to);

}  // namespace gmem::host

#endif  // GMEM_HOST_MOVE_PAGES_H
