// SPDX-License-Identifier: MulanPSL-2.0
#include "host/room.h"

#include <string.h>

#include <algorithm>
#include <cstdint>

#include "core/page_range.h"
#include "core/small_file.h"
#include "core/text_file.h"
#include "host/nodes.h"

namespace gmem::host {
namespace {

constexpr std::uint64_t kUnknown = UINT64_MAX;

// The numbers behind keys, which stand in the text in this order; 0 for one that
// is not there.
template <std::size_t kCount>
std::uint64_t sum_of(TextFile& text, const char* const (&keys)[kCount]) {
  std::uint64_t sum = 0;
  for (const char* const key : keys)
    if (text.find_key(key)) sum += text.read_number().value_or(0);
  return sum;
}

std::uint64_t room_of_system() {
  TextFile info("/proc/meminfo");
  if (!info.find_key("MemAvailable:")) return kUnknown;
  const auto available = info.read_number();
  return available ? *available << 10 : kUnknown;
}

std::uint64_t room_of_node(int node) {
  TextFile info(
      Path("/sys/devices/system/node/node").add(node).add("/meminfo").c_str());
  if (!info.is_open()) return kUnknown;
  constexpr const char* kKeys[] = {
      "MemFree:", "Active(file):", "Inactive(file):", "SReclaimable:"};
  return sum_of(info, kKeys) << 10;
}

// What the two generations of cgroups call the same things.
struct CgroupVersion {
  const char* tag;  // in /proc/self/cgroup, before the path
  const char* root;
  const char* limit;
  const char* usage;
  const char* droppable[2];  // in memory.stat, in its order
};
constexpr CgroupVersion kVersions[] = {
    {"0::",
     "/sys/fs/cgroup",
     "/memory.max",
     "/memory.current",
     {"inactive_file ", "active_file "}},
    {":memory:",
     "/sys/fs/cgroup/memory",
     "/memory.limit_in_bytes",
     "/memory.usage_in_bytes",
     {"total_inactive_file ", "total_active_file "}},
};

// The path is left as it was.
std::uint64_t room_of_group(const CgroupVersion& version, Path& group) {
  const std::size_t length = group.length();
  // "max", which is no number, where there is no limit.
  const auto limit = number_in_file(group.add(version.limit).c_str());
  const auto usage =
      number_in_file(group.cut(length).add(version.usage).c_str());
  TextFile stat(group.cut(length).add("/memory.stat").c_str());
  group.cut(length);
  if (!limit || !usage) return kUnknown;
  const std::uint64_t kept =
      *usage - std::min(*usage, sum_of(stat, version.droppable));
  return *limit > kept ? *limit - kept : 0;
}

// Adds the name of the group that the process is in; false where it has none.
bool add_own_group(const CgroupVersion& version, Path& path) {
  TextFile groups("/proc/self/cgroup");
  char line[320];
  while (groups.read_line(line)) {
    const char* const found = strstr(line, version.tag);
    if (found == nullptr) continue;
    path.add(found + strlen(version.tag));
    return true;
  }
  return false;
}

// A group is held to its own limit and to those of all above it.
std::uint64_t room_of_cgroups(const CgroupVersion& version) {
  Path group(version.root);
  const std::size_t root_length = group.length();
  if (!add_own_group(version, group)) return kUnknown;
  std::uint64_t room = kUnknown;
  do {
    room = std::min(room, room_of_group(version, group));
  } while (group.to_parent(root_length));
  return room;
}

}  // namespace

bool has_room(int node, std::size_t bytes) {
  const std::uint64_t room =
      has_several_nodes() ? room_of_node(node) : room_of_system();
  if (room < bytes) return false;
  for (const CgroupVersion& version : kVersions)
    if (room_of_cgroups(version) < bytes) return false;
  return true;
}

bool is_nearly_full(int node) {
  // The kernel keeps its reserve, of which the node has a part.
  const std::uint64_t reserve =
      number_in_file("/proc/sys/vm/min_free_kbytes").value_or(0) << 10;
  return room_of_node(node) < reserve + kPageSize;
}

}  // namespace gmem::host
