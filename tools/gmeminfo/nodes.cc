// SPDX-License-Identifier: MulanPSL-2.0
#include "nodes.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <sstream>

#include "read_text.h"

namespace gmeminfo {
namespace {

constexpr char kNodes[] = "/sys/devices/system/node";

// Ids need not be dense.
std::vector<int> node_ids() {
  std::vector<int> ids;
  DIR* directory = opendir(kNodes);
  if (!directory) return ids;
  while (const dirent* entry = readdir(directory)) {
    int id = 0;
    if (sscanf(entry->d_name, "node%d", &id) == 1) ids.push_back(id);
  }
  closedir(directory);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::uint64_t kib_field(const std::string& meminfo, const char* key) {
  const std::optional<std::string> value = field(meminfo, key);
  return value ? strtoull(value->c_str(), nullptr, 10) * 1024 : 0;
}

// The distance file's columns are the online nodes in order.
std::optional<std::uint64_t> nth_number(const std::string& text,
                                        std::size_t n) {
  std::istringstream columns(text);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i <= n; ++i)
    if (!(columns >> number)) return std::nullopt;
  return number;
}

Node read_node(int id, const std::optional<std::string>& allowed) {
  const std::string path = kNodes + ("/node" + std::to_string(id)) + "/";
  const std::string speed = path + "access0/initiators/";
  Node node;
  node.id = id;
  const std::string meminfo = read_text(path + "meminfo").value_or("");
  node.size = kib_field(meminfo, "MemTotal");
  node.free = kib_field(meminfo, "MemFree");
  node.cpus = read_text(path + "cpulist").value_or("");
  node.allowed = !allowed || list_holds(*allowed, id);
  node.read_bandwidth = read_number(speed + "read_bandwidth");
  node.write_bandwidth = read_number(speed + "write_bandwidth");
  node.read_latency = read_number(speed + "read_latency");
  node.write_latency = read_number(speed + "write_latency");
  return node;
}

}  // namespace

std::vector<Node> find_nodes() {
  const std::string status = read_text("/proc/self/status").value_or("");
  // Without /proc the device takes every node to be allowed.
  const auto allowed = field(status, "Mems_allowed_list");
  std::vector<Node> nodes;
  for (const int id : node_ids()) nodes.push_back(read_node(id, allowed));

  unsigned here = 0;
  if (getcpu(nullptr, &here) != 0) return nodes;
  const std::string distances =
      read_text(kNodes + ("/node" + std::to_string(here)) + "/distance")
          .value_or("");
  for (std::size_t i = 0; i < nodes.size(); ++i)
    nodes[i].distance = nth_number(distances, i);
  return nodes;
}

}  // namespace gmeminfo
