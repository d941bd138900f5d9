// SPDX-License-Identifier: MulanPSL-2.0
// A name for anonymous memory in /proc/PID/maps; kernels before 5.17 have
// none.
#ifndef GMEM_CORE_NAME_MAPPING_H
#define GMEM_CORE_NAME_MAPPING_H

#include <sys/prctl.h>

#include "core/page_range.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

namespace gmem {

inline void name_mapping(const ByteRange& range, const char* name) {
  prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, range.begin(), range.size(), name);
}

}  // namespace gmem

#endif  // GMEM_CORE_NAME_MAPPING_H
