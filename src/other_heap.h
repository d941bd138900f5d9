// SPDX-License-Identifier: MulanPSL-2.0
// The heap that the program uses where it is not ours: the library was loaded
// late, by dlopen, or another allocator stands before it.  Names that only this
// library offers (free_sized) are then called with blocks of that one.
#ifndef GMEM_OTHER_HEAP_H
#define GMEM_OTHER_HEAP_H

namespace gmem {

// Frees a block that is not in our heap by the program's free, if that is not
// ours.  False: it is a matter of our heap.
bool free_elsewhere(void* block);

}  // namespace gmem

#endif  // GMEM_OTHER_HEAP_H
