// SPDX-License-Identifier: MulanPSL-2.0
// The library's calls, where an error ends the benchmark.
#ifndef GMEM_BENCH_CALLS_H
#define GMEM_BENCH_CALLS_H

#include "libgmem.h"
#include "support/report.h"

namespace bench {

inline void expect_success(const char* call, int error) {
  if (error != 0) fail(call, gmemStrError(error));
}

}  // namespace bench

#endif  // GMEM_BENCH_CALLS_H
