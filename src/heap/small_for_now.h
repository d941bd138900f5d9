// SPDX-License-Identifier: MulanPSL-2.0
// 2 MiB pages that came as huge ones, and of which parts have gone back: the
// kernel would gather what is left of them, and fill up the rest.
#ifndef GMEM_HEAP_SMALL_FOR_NOW_H
#define GMEM_HEAP_SMALL_FOR_NOW_H

#include <cstdint>

namespace gmem::heap {

// Both with the heap's lock held.  The second is for a page that is empty now.
void use_small_for_now(std::uintptr_t page);
void use_huge_again(std::uintptr_t page);

}  // namespace gmem::heap

#endif  // GMEM_HEAP_SMALL_FOR_NOW_H
