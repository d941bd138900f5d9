// SPDX-License-Identifier: MulanPSL-2.0
// What a tool has printed counts only when it has been written.
#ifndef GMEM_TOOLS_WRITTEN_H
#define GMEM_TOOLS_WRITTEN_H

#include <stdio.h>

namespace tools {

// Whether all of standard output has been; says so where it has not.
inline bool is_written(const char* tool) {
  if (fflush(stdout) == 0 && ferror(stdout) == 0) return true;
  fprintf(stderr, "%s: standard output cannot be written\n", tool);
  return false;
}

}  // namespace tools

#endif  // GMEM_TOOLS_WRITTEN_H
