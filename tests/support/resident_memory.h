// SPDX-License-Identifier: MulanPSL-2.0
// How much memory this process has resident, from /proc.
#ifndef GMEM_TESTS_SUPPORT_RESIDENT_MEMORY_H
#define GMEM_TESTS_SUPPORT_RESIDENT_MEMORY_H

#include <stdio.h>
#include <unistd.h>

#include <cstddef>

// 0 where /proc cannot be read.
inline std::size_t resident_kib() {
  FILE* const file = fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long total = 0;
  unsigned long resident = 0;
  const int fields = fscanf(file, "%lu %lu", &total, &resident);
  fclose(file);
  const auto page_kib = static_cast<std::size_t>(getpagesize()) / 1024;
  return fields == 2 ? resident * page_kib : 0;
}

#endif  // GMEM_TESTS_SUPPORT_RESIDENT_MEMORY_H
