// SPDX-License-Identifier: MulanPSL-2.0
// The system's settings that decide what prefetch and the heap can do.
#ifndef GMEM_TOOLS_GMEMINFO_SETTINGS_H
#define GMEM_TOOLS_GMEMINFO_SETTINGS_H

#include <cstdint>
#include <optional>
#include <string>

namespace gmeminfo {

// What could not be found out is left empty.
struct Settings {
  std::string kernel;                     // release
  std::optional<std::string> huge_pages;  // always, madvise or never
  std::optional<std::string> huge_pages_defrag;
  std::optional<std::string> huge_pages_shmem;
  std::optional<std::uint64_t> huge_page_size;  // bytes
  std::optional<std::uint64_t> numa_balancing;  // 0: off
  std::optional<std::uint64_t> overcommit;      // 0, 1 or 2
  std::optional<std::uint64_t> cgroup_limit;    // bytes; empty: none found
  std::optional<std::uint64_t> address_space_limit;
  std::optional<std::uint64_t> locked_limit;
};

Settings find_settings();

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_SETTINGS_H
