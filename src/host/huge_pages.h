// SPDX-License-Identifier: MulanPSL-2.0
// Transparent 2 MiB pages where the system leaves the choice to the program
// (mode "madvise").
#ifndef GMEM_HOST_HUGE_PAGES_H
#define GMEM_HOST_HUGE_PAGES_H

#include "core/device.h"
#include "core/page_range.h"
#include "core/vma_walk.h"

namespace gmem::host {

// Sees to it that the untouched 2 MiB pages of the range, a part or the whole
// of a private anonymous writable mapping, come to be filled with huge pages;
// some are filled on return.  What cannot be had is left to small pages.
// Honours MADV_NOHUGEPAGE and keeps the number of mappings.
void ask_for_huge_pages(const Mapping& mapping, const ByteRange& range);

// The semantics of Device's members of the same names.
void use_huge_pages(const PageRange& pages);
void use_small_pages(const PageRange& pages);

}  // namespace gmem::host

#endif  // GMEM_HOST_HUGE_PAGES_H
