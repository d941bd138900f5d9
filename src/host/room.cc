// SPDX-License-Identifier: MulanPSL-2.0
#include "host/room.h"

#include <string.h>

#include <algorithm>
#include <cstdint>

#include "core/page_range.h"
#include "core/small_file.h"
#include "host/nodes.h"

namespace gmem::host {
namespace {

constexpr std::uint64_t kUnknown = UINT64_MAX;

std::uint64_t kib(const char* text, const char* key) {
  return number_after_key(text, key).value_or(0) << 10;
}

std::uint64_t room_of_system() {
  const SmallFile<4096> info("/proc/meminfo");
  const auto available = number_after_key(info.text(), "MemAvailable:");
  return available ? *available << 10 : kUnknown;
}

std::uint64_t room_of_node(int node) {
  const SmallFile<4096> info(
      Path("/sys/devices/system/node/node").add(node).add("/meminfo").c_str());
  if (info.empty()) return kUnknown;
  return kib(info.text(), "MemFree:") + kib(info.text(), "Active(file):") +
         kib(info.text(), "Inactive(file):") +
         kib(info.text(), "SReclaimable:");
}

// What the two generations of cgroups call the same things.
struct CgroupVersion {
  const char* tag;  // in /proc/self/cgroup, before the path
  const char* root;
  const char* limit;
  const char* usage;
  const char* inactive_file;  // in memory.stat
  const char* active_file;
};
constexpr CgroupVersion kVersions[] = {
    {"0::", "/sys/fs/cgroup", "/memory.max", "/memory.current",
     "inactive_file ", "active_file "},
    {":memory:", "/sys/fs/cgroup/memory", "/memory.limit_in_bytes",
     "/memory.usage_in_bytes", "total_inactive_file ", "total_active_file "},
};

std::uint64_t room_of_group(const CgroupVersion& version, const Path& group) {
  // "max", which is no number, where there is no limit.
  const auto limit =
      number_in_file(Path(group.c_str()).add(version.limit).c_str());
  const auto usage =
      number_in_file(Path(group.c_str()).add(version.usage).c_str());
  if (!limit || !usage) return kUnknown;
  const SmallFile<8192> stat(Path(group.c_str()).add("/memory.stat").c_str());
  const std::uint64_t droppable =
      number_after_key(stat.text(), version.inactive_file).value_or(0) +
      number_after_key(stat.text(), version.active_file).value_or(0);
  const std::uint64_t kept = *usage - std::min(*usage, droppable);
  return *limit > kept ? *limit - kept : 0;
}

// A group is held to its own limit and to those of all above it.
std::uint64_t room_of_cgroups(const CgroupVersion& version) {
  const SmallFile<4096> groups("/proc/self/cgroup");
  const char* found = strstr(groups.text(), version.tag);
  if (found == nullptr) return kUnknown;
  found += strlen(version.tag);
  char name[256];
  const std::size_t length = strcspn(found, "\n");
  if (length >= sizeof name) return kUnknown;
  memcpy(name, found, length);
  name[length] = '\0';

  Path group(version.root);
  const std::size_t root_length = group.length();
  group.add(name);
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
