// SPDX-License-Identifier: MulanPSL-2.0
// A name for anonymous memory in /proc/PID/maps; kernels before 5.17 have
// none.  From inside malloc that is for the first chunk alone, which comes while
// a process starts: a sandbox that it enters later ends it for such a call.
#ifndef GMEM_CORE_NAME_MAPPING_H
#define GMEM_CORE_NAME_MAPPING_H

#include <sys/prctl.h>

#include "core/kernel_constants.h"
#include "core/page_range.h"

namespace gmem {

inline void name_mapping(const ByteRange& range, const char* name) {
  prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, range.begin(), range.size(), name);
}

}  // namespace gmem

#endif  // GMEM_CORE_NAME_MAPPING_H
