// SPDX-License-Identifier: MulanPSL-2.0
// The NUMA nodes of this machine, as sysfs shows them.
#ifndef GMEM_TOOLS_GMEMINFO_NODES_H
#define GMEM_TOOLS_GMEMINFO_NODES_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gmeminfo {

struct Node {
  int id = 0;
  std::uint64_t size = 0;  // bytes
  std::uint64_t free = 0;
  std::string cpus;                       // "0-3,8"; "" where the node has none
  bool allowed = false;                   // for memory of this process
  std::optional<std::uint64_t> distance;  // from the calling CPU's node
  // From the nearest CPUs, as the firmware's HMAT has it: MB/s and ns.
  std::optional<std::uint64_t> read_bandwidth;
  std::optional<std::uint64_t> write_bandwidth;
  std::optional<std::uint64_t> read_latency;
  std::optional<std::uint64_t> write_latency;
};

// Empty where the kernel has no NUMA.
std::vector<Node> find_nodes();

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_NODES_H
