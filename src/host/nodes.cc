// SPDX-License-Identifier: MulanPSL-2.0
#include "host/nodes.h"

#include <sched.h>

#include <atomic>
#include <cstdint>

#include "core/device.h"
#include "core/small_file.h"
#include "core/text_file.h"

namespace gmem::host {
namespace {

constexpr int kWordBits = 64;
constexpr int kWords = kMostNodes / kWordBits;

class NodeSet {
 public:
  constexpr NodeSet() = default;

  // From the kernel's list form, "0-3,8", up to the end of the line.
  static NodeSet parse(TextFile& list) {
    NodeSet nodes;
    while (const auto first = list.read_number()) {
      std::uint64_t last = *first;
      if (list.peek() == '-') {
        list.next();
        last = list.read_number().value_or(last);
      }
      for (std::uint64_t node = *first; node <= last && node < kMostNodes;
           ++node)
        nodes.add(static_cast<int>(node));
      if (list.peek() != ',') break;
      list.next();
    }
    return nodes;
  }

  static NodeSet in_file(const char* path) {
    TextFile list(path);
    return parse(list);
  }

  void add(int node) { words_[node / kWordBits] |= bit(node); }
  bool has(int node) const {
    return (words_[node / kWordBits] & bit(node)) != 0;
  }
  bool empty() const { return count() == 0; }
  int count() const {
    int total = 0;
    for (const std::uint64_t word : words_) total += __builtin_popcountll(word);
    return total;
  }
  NodeSet intersected_with(const NodeSet& other) const {
    NodeSet both;
    for (int i = 0; i < kWords; ++i)
      both.words_[i] = words_[i] & other.words_[i];
    return both;
  }
  std::uint64_t word(int index) const { return words_[index]; }

  static std::uint64_t bit(int node) {
    return std::uint64_t{1} << (node % kWordBits);
  }

 private:
  std::uint64_t words_[kWords] = {};
};

NodeSet read_usable_nodes() {
  NodeSet nodes = NodeSet::in_file("/sys/devices/system/node/has_memory");
  TextFile status("/proc/self/status");
  if (status.find_key("Mems_allowed_list:"))
    nodes = nodes.intersected_with(NodeSet::parse(status));
  // A kernel without NUMA, or without /sys, has the one node.
  if (nodes.empty()) nodes.add(0);
  return nodes;
}

std::atomic<std::uint64_t> cached[kWords];
std::atomic<int> cached_count{0};

NodeSet refresh() {
  const NodeSet nodes = read_usable_nodes();
  for (int i = 0; i < kWords; ++i)
    cached[i].store(nodes.word(i), std::memory_order_relaxed);
  cached_count.store(nodes.count(), std::memory_order_relaxed);
  return nodes;
}

Path node_path(int node, const char* file) {
  return Path("/sys/devices/system/node/node").add(node).add(file);
}

// Entry `to` of the distances that the firmware gives for a node; the
// kernel's default for a remote node where it gives none.
std::uint64_t distance(int from, int to) {
  constexpr std::uint64_t kRemote = 20;
  // Column n belongs to the n-th online node.
  const NodeSet online = NodeSet::in_file("/sys/devices/system/node/online");
  TextFile file(node_path(from, "/distance").c_str());
  for (int node = 0; node < kMostNodes; ++node) {
    if (!online.has(node)) continue;
    const auto value = file.read_number();
    if (!value) return kRemote;
    if (node == to) return *value;
  }
  return kRemote;
}

// What the firmware (HMAT) says of a node, as seen from its nearest CPUs,
// and the distance, which is always there.
struct Speed {
  std::uint64_t bandwidth = 0;         // 0: not said
  std::uint64_t latency = UINT64_MAX;  // that: not said
  std::uint64_t distance = 0;

  bool beats(const Speed& other) const {
    if (bandwidth != other.bandwidth) return bandwidth > other.bandwidth;
    if (latency != other.latency) return latency < other.latency;
    return distance < other.distance;
  }
};

Speed speed_of(int node, int seen_from) {
  Speed speed;
  if (const auto bandwidth = number_in_file(
          node_path(node, "/access0/initiators/read_bandwidth").c_str()))
    speed.bandwidth = *bandwidth;
  if (const auto latency = number_in_file(
          node_path(node, "/access0/initiators/read_latency").c_str()))
    if (*latency != 0) speed.latency = *latency;
  speed.distance = distance(seen_from, node);
  return speed;
}

int calling_cpu_node() {
  unsigned cpu = 0;
  unsigned node = 0;
  return getcpu(&cpu, &node) == 0 ? static_cast<int>(node) : 0;
}

}  // namespace

bool is_usable_node(int node) {
  if (node < 0 || node >= kMostNodes) return false;
  const std::uint64_t word =
      cached[node / kWordBits].load(std::memory_order_relaxed);
  if ((word & NodeSet::bit(node)) != 0) return true;
  return refresh().has(node);
}

bool has_several_nodes() {
  int count = cached_count.load(std::memory_order_relaxed);
  if (count == 0) count = refresh().count();
  return count > 1;
}

int preferred_node() {
  const NodeSet usable = refresh();
  const int here = calling_cpu_node();
  const NodeSet with_cpu = NodeSet::in_file("/sys/devices/system/node/has_cpu");

  int fastest = -1;
  int nearest = -1;
  Speed fastest_speed;
  std::uint64_t nearest_distance = UINT64_MAX;
  for (int node = 0; node < kMostNodes; ++node) {
    if (!usable.has(node)) continue;
    // Without the list of CPUs no node can be told to have none.
    if (!with_cpu.empty() && !with_cpu.has(node)) {
      const Speed speed = speed_of(node, here);
      if (fastest < 0 || speed.beats(fastest_speed)) {
        fastest = node;
        fastest_speed = speed;
      }
    }
    const std::uint64_t away = node == here ? 0 : distance(here, node);
    if (away < nearest_distance) {
      nearest = node;
      nearest_distance = away;
    }
  }
  return fastest >= 0 ? fastest : nearest;
}

}  // namespace gmem::host
