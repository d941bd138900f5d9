// SPDX-License-Identifier: MulanPSL-2.0
// Where pages lie and what policies say, asked of the kernel without the
// library's help; and memory put on a node of the test's choice.
#ifndef GMEM_TESTS_VM_PLACEMENT_H
#define GMEM_TESTS_VM_PLACEMENT_H

#include <numaif.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <deque>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "contract/memory.h"

namespace placement {

using contract::small_page;
using gmem::ByteRange;

// Of the guests with several nodes: 0 has the CPUs; 1 and 2 have none, and 2
// is small.
inline constexpr int kHome = 0;
inline constexpr int kTarget = 1;
inline constexpr int kSmall = 2;

inline std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write_to(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

inline bool has_several_nodes() {
  const std::string nodes = text_of("/sys/devices/system/node/has_memory");
  return nodes.find_first_of(",-") != std::string::npos;
}

// The node of each kernel page that the range touches; negative where there is
// no page of its own.
inline std::vector<int> nodes_of(const ByteRange& range) {
  std::vector<void*> pages;
  for (std::uintptr_t at = range.begin() & ~(small_page() - 1);
       at < range.end(); at += small_page())
    pages.push_back(reinterpret_cast<void*>(at));
  std::vector<int> nodes(pages.size(), -1);
  if (move_pages(0, pages.size(), pages.data(), nullptr, nodes.data(), 0) != 0)
    throw std::runtime_error("the kernel does not say where pages lie");
  return nodes;
}

inline std::size_t bytes_on(const ByteRange& range, int node) {
  std::size_t bytes = 0;
  for (const int found : nodes_of(range))
    if (found == node) bytes += small_page();
  return bytes;
}

inline bool lies_on(const ByteRange& range, int node) {
  return bytes_on(range, node) == range.size();
}

// The calling thread's policy for a scope; new threads inherit it.
class ThreadPolicy {
 public:
  ThreadPolicy(int mode, int node) {
    const unsigned long nodes = 1UL << node;
    if (set_mempolicy(mode, &nodes, 64) != 0)
      throw std::runtime_error("the thread's policy cannot be set");
  }
  ~ThreadPolicy() { set_mempolicy(MPOL_DEFAULT, nullptr, 0); }
  ThreadPolicy(const ThreadPolicy&) = delete;
  ThreadPolicy& operator=(const ThreadPolicy&) = delete;
};

// Touches the range so that its new pages lie on the node.
inline void fill_on(int node, const ByteRange& range) {
  const ThreadPolicy policy(MPOL_PREFERRED, node);
  contract::fill(range);
}

inline std::string thread_policy() {
  int mode = -1;
  unsigned long nodes[16] = {};
  if (get_mempolicy(&mode, nodes, 1025, nullptr, 0) != 0)
    throw std::runtime_error("the thread's policy cannot be read");
  return std::to_string(mode) + ":" + std::to_string(nodes[0]);
}

// The policies of the mappings of which the range consists, in order.
inline std::string mapping_policies(const ByteRange& range) {
  std::ifstream maps("/proc/self/numa_maps");
  std::string policies;
  for (std::string line; std::getline(maps, line);) {
    std::stringstream fields(line);
    std::uintptr_t begin = 0;
    std::string policy;
    fields >> std::hex >> begin >> policy;
    if (begin >= range.begin() && begin < range.end()) policies += policy + " ";
  }
  return policies;
}

// What no prefetch may change.
struct Settings {
  explicit Settings(const ByteRange& range)
      : thread(thread_policy()),
        mappings(mapping_policies(range)),
        mapping_count(contract::mapping_count(range)) {}
  bool operator==(const Settings& other) const {
    return thread == other.thread && mappings == other.mappings &&
           mapping_count == other.mapping_count;
  }
  const std::string thread;
  const std::string mappings;
  const int mapping_count;
};

// Processes that the kernel has killed for want of memory.
inline std::string oom_kills() {
  const std::string counters = text_of("/proc/vmstat");
  const std::size_t at = counters.find("oom_kill ");
  if (at == std::string::npos)
    throw std::runtime_error("the kernel does not count kills");
  return counters.substr(at, counters.find('\n', at) - at);
}

// Takes memory on a node until new pages come to lie elsewhere.
class NodeFiller {
 public:
  explicit NodeFiller(int node) {
    const ThreadPolicy policy(MPOL_PREFERRED, node);
    while (parts_.empty() || bytes_on(parts_.back().all(), node) != 0)
      contract::fill(parts_.emplace_back(1).all());
  }

 private:
  std::deque<contract::Area> parts_;
};

// A cgroup with one setting, which the process is in from now on.
inline void enter_cgroup(const std::string& setting, const std::string& value) {
  const std::string group =
      "/sys/fs/cgroup/gmem-test-" + std::to_string(getpid());
  if (mkdir(group.c_str(), 0755) != 0)
    throw std::runtime_error("no cgroup can be made");
  write_to(group + "/" + setting, value);
  write_to(group + "/cgroup.procs", std::to_string(getpid()));
}

}  // namespace placement

#endif  // GMEM_TESTS_VM_PLACEMENT_H
