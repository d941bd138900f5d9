// SPDX-License-Identifier: MulanPSL-2.0
// /proc/self/smaps, the one place where a mapping's flags show.
#ifndef GMEM_ASCEND_VM_FLAGS_H
#define GMEM_ASCEND_VM_FLAGS_H

#include "core/vma_walk.h"

namespace gmem::ascend {

// Whether the mapping is known not to be peer-shared.  Reads through all that
// the process has mapped, so not for the common path.
bool is_conventional(const Mapping& mapping);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_VM_FLAGS_H
