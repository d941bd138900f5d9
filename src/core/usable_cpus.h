// SPDX-License-Identifier: MulanPSL-2.0
// How many CPUs the calling thread may run on; 1 where that is not to be known.
#ifndef GMEM_CORE_USABLE_CPUS_H
#define GMEM_CORE_USABLE_CPUS_H

#include <sched.h>

#include "core/keep_errno.h"

namespace gmem {

inline unsigned usable_cpus() {
  const KeepErrno keep_errno;
  cpu_set_t cpus[8];  // as many CPUs as any kernel is configured for
  if (sched_getaffinity(0, sizeof cpus, cpus) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT_S(sizeof cpus, cpus));
}

}  // namespace gmem

#endif  // GMEM_CORE_USABLE_CPUS_H
