// SPDX-License-Identifier: MulanPSL-2.0
// Fills in the pages of a range, so that the next access does not fault.
#ifndef GMEM_HOST_POPULATE_H
#define GMEM_HOST_POPULATE_H

#include <cstddef>

#include "core/device.h"
#include "core/page_range.h"
#include "core/vma_walk.h"

namespace gmem::host {

// Fills in the range, which lies inside the mapping; pages that are there are
// marked as referenced.  Private anonymous memory that may be written gets
// pages of its own.  Everything else is read: a page of a file is neither
// made dirty nor copied.  effort: how many bytes are not there yet, which
// says how many threads are worth their start.
// -EFAULT: some pages cannot be had, being beyond the end of a file, guard
// pages, or memory that has failed; the others are filled in.
Error populate(const Mapping& mapping, const ByteRange& range,
               std::size_t effort);

}  // namespace gmem::host

#endif  // GMEM_HOST_POPULATE_H
