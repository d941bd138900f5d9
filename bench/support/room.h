// SPDX-License-Identifier: MulanPSL-2.0
// How much memory a benchmark may use.
#ifndef GMEM_BENCH_ROOM_H
#define GMEM_BENCH_ROOM_H

#include <stdio.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "core/page_range.h"
#include "support/report.h"

namespace bench {

inline constexpr std::size_t kMiB = std::size_t{1} << 20;
inline constexpr std::size_t kWantedSize = 4096 * kMiB;

// What the kernel says could be had without swapping.
inline std::size_t available_memory() {
  FILE* const file = fopen("/proc/meminfo", "re");
  if (file == nullptr) fail("/proc/meminfo", "cannot be read");
  char line[128];
  unsigned long kib = 0;
  while (fgets(line, sizeof line, file) != nullptr)
    if (sscanf(line, "MemAvailable: %lu kB", &kib) == 1) break;
  fclose(file);
  if (kib == 0) fail("/proc/meminfo", "does not tell MemAvailable");
  return kib * 1024;
}

// 4 GiB, or less where the machine lacks two and a half times that.
inline std::size_t affordable_size() {
  const std::size_t affordable = available_memory() / 5 * 2;
  return std::min(kWantedSize, gmem::page_floor(affordable));
}

inline std::string in_mib(std::size_t size) {
  return std::to_string(size / kMiB) + " MiB";
}

inline void note_smaller_size(const std::string& group, std::size_t size) {
  if (size < kWantedSize)
    report_note(group, "not " + in_mib(kWantedSize) +
                           ": less than 2.5 times "
                           "that is available");
}

}  // namespace bench

#endif  // GMEM_BENCH_ROOM_H
