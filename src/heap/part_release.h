// SPDX-License-Identifier: MulanPSL-2.0
// Gives back what is unused of 2 MiB pages that are not wholly unused.
#ifndef GMEM_HEAP_PART_RELEASE_H
#define GMEM_HEAP_PART_RELEASE_H

namespace gmem::heap {

// Of all pages that are too empty to be huge.  Other threads allocate meanwhile.
void release_unused_parts();

}  // namespace gmem::heap

#endif  // GMEM_HEAP_PART_RELEASE_H
