// SPDX-License-Identifier: MulanPSL-2.0
// One line on standard error for each message that conf "log:LEVEL" lets
// through.  By default only the library's own faults are said.  No stdio, no
// allocation, one write(2) a line; errno is preserved.  A line that is too
// long ends in "..."; control characters in it are shown as '?'.
#ifndef GMEM_CORE_LOG_H
#define GMEM_CORE_LOG_H

#include "core/conf.h"

namespace gmem {

// printf's format, of which %s %d %u %zu %lx %% are understood.
[[gnu::format(printf, 2, 3)]] void log(LogLevel level, const char* format, ...);

}  // namespace gmem

#endif  // GMEM_CORE_LOG_H
