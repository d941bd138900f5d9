// SPDX-License-Identifier: MulanPSL-2.0
// What becomes of the error of a queued task besides being kept for whoever
// waits for it.
#ifndef GMEM_CORE_TASK_ERROR_H
#define GMEM_CORE_TASK_ERROR_H

#include "core/device.h"
#include "core/stats.h"

namespace gmem {

inline void count_error(const Task& task) {
  const bool prefetch = task.kind == Task::Kind::kPrefetch;
  (prefetch ? stats.prefetch_errors : stats.discard_errors).add(1);
}

}  // namespace gmem

#endif  // GMEM_CORE_TASK_ERROR_H
