// SPDX-License-Identifier: MulanPSL-2.0
// What a kernel with GMEM shows of it: its device file, its boot parameter,
// its counters and its nodes.
#ifndef GMEM_TOOLS_GMEMINFO_GMEM_KERNEL_H
#define GMEM_TOOLS_GMEMINFO_GMEM_KERNEL_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gmeminfo {

// /proc/gmemstat. Linux 6.4 counts all migrations together, 6.6 by direction.
struct Migrating {
  std::optional<std::uint64_t> both_ways;
  std::optional<std::uint64_t> to_device;
  std::optional<std::uint64_t> to_host;

  bool known() const { return both_ways || to_device || to_host; }
};

// A node of a device's memory. Anyone may list the nodes; their figures are
// for root.
struct Hnode {
  int id = -1;
  bool refused = false;                     // some figure may not be read
  std::optional<std::uint64_t> limit;       // bytes; 0: none
  std::optional<std::uint64_t> free_pages;  // of 2 MiB, as the next
  std::optional<std::uint64_t> active_pages;
};

struct GmemKernel {
  int device_file_error = 0;  // of opening /dev/gmem: 0 or an errno
  std::optional<std::string> boot_parameter;  // the value of gmem=
  Migrating migrating;
  bool has_directory = false;  // /sys/kernel/mm/gmem
  std::vector<Hnode> nodes;    // by id

  bool found() const;
  // "there", "no right to open it", "no driver behind it", "not there", or
  // the error in words.
  std::string device_file() const;
};

// root is where /dev, /proc and /sys lie: empty for this system's own.
GmemKernel find_gmem_kernel(const std::string& root = "");

// The parts of it.
Migrating parse_gmemstat(const std::string& text);
std::optional<std::string> parse_boot_parameter(const std::string& cmdline);
std::vector<Hnode> find_hnodes(const std::string& directory);

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_GMEM_KERNEL_H
