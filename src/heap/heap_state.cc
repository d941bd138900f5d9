// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/heap_state.h"

namespace gmem::heap {

HeapState heap_state;

}  // namespace gmem::heap
