// SPDX-License-Identifier: MulanPSL-2.0
#include "settings.h"

#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>
#include <sstream>

#include "read_text.h"

namespace gmeminfo {
namespace {

// The word in brackets of "always [madvise] never".
std::optional<std::string> chosen(const std::string& path) {
  const std::optional<std::string> text = read_text(path);
  if (!text) return std::nullopt;
  const std::size_t open = text->find('[');
  const std::size_t close = text->find(']');
  if (open == std::string::npos || close == std::string::npos)
    return std::nullopt;
  return text->substr(open + 1, close - open - 1);
}

// "max" (version 2) is not a number; version 1 writes the largest multiple of
// the page size for no limit.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;

// The smallest of this file's values from the process's cgroup up to the
// root.
std::optional<std::uint64_t> smallest_up_from(const std::string& root,
                                              std::string group,
                                              const char* file) {
  std::optional<std::uint64_t> smallest;
  for (;;) {
    const auto limit = read_number(root + group + "/" + file);
    if (limit && *limit < kNoLimit)
      smallest = smallest ? std::min(*smallest, *limit) : *limit;
    const std::size_t slash = group.rfind('/');
    if (slash == std::string::npos) return smallest;
    group.erase(slash);
  }
}

// Each line of /proc/self/cgroup is "ID:CONTROLLERS:GROUP"; version 2 has no
// controllers.
std::optional<std::uint64_t> cgroup_limit() {
  std::istringstream lines(read_text("/proc/self/cgroup").value_or(""));
  std::optional<std::uint64_t> smallest;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first, second - first) + ",";
    std::string group = line.substr(second + 1);
    if (group == "/") group.clear();
    std::optional<std::uint64_t> limit;
    if (controllers == ":,")
      limit = smallest_up_from("/sys/fs/cgroup", group, "memory.max");
    else if (controllers.find("memory,") != std::string::npos)
      limit = smallest_up_from("/sys/fs/cgroup/memory", group,
                               "memory.limit_in_bytes");
    if (limit) smallest = smallest ? std::min(*smallest, *limit) : *limit;
  }
  return smallest;
}

std::optional<std::uint64_t> limit_of(__rlimit_resource resource) {
  rlimit limit;
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::nullopt;
  return limit.rlim_cur;
}

}  // namespace

Settings find_settings() {
  const std::string thp = "/sys/kernel/mm/transparent_hugepage/";
  Settings settings;
  utsname system;
  if (uname(&system) == 0) settings.kernel = system.release;
  settings.huge_pages = chosen(thp + "enabled");
  settings.huge_pages_defrag = chosen(thp + "defrag");
  settings.huge_pages_shmem = chosen(thp + "shmem_enabled");
  settings.huge_page_size = read_number(thp + "hpage_pmd_size");
  settings.numa_balancing = read_number("/proc/sys/kernel/numa_balancing");
  settings.overcommit = read_number("/proc/sys/vm/overcommit_memory");
  settings.cgroup_limit = cgroup_limit();
  settings.address_space_limit = limit_of(RLIMIT_AS);
  settings.locked_limit = limit_of(RLIMIT_MEMLOCK);
  return settings;
}

}  // namespace gmeminfo
