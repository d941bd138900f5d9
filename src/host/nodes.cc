// SPDX-License-Identifier: MulanPSL-2.0
#include "host/nodes.h"

#include <sched.h>

#include <atomic>
#include <cstdint>

#include "core/device.h"
#include "core/small_file.h"

namespace gmem::host {
namespace {

constexpr int kWordBits = 64;
constexpr int kWords = kMostNodes / kWordBits;

class NodeSet {
 public:
  constexpr NodeSet() = default;

  // From the kernel's list form, "0-3,8".
  static NodeSet parse(const char* list) {
    NodeSet nodes;
    while (const auto first = number_at(list)) {
      std::uint64_t last = *first;
      list = past_number(list);
      if (*list == '-') {
        last = number_at(list + 1).value_or(last);
        list = past_number(list + 1);
      }
      for (std::uint64_t node = *first; node <= last && node < kMostNodes;
           ++node)
        nodes.add(static_cast<int>(node));
      if (*list != ',') break;
      ++list;
    }
    return nodes;
  }

  void add(int node) { words_[node / kWordBits] |= bit(node); }
  bool has(int node) const {
    return (words_[node / kWordBits] & bit(node)) != 0;
  }
  bool empty() const { return count() == 0; }
  int count() const {
    int total = 0;
    for (const std::uint64_t word : words_)
      total += __builtin_popcountll(word);
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
  static const char* past_number(const char* text) {
    while (*text == ' ' || *text == '\t') ++text;
    while (*text >= '0' && *text <= '9') ++text;
    return text;
  }

  std::uint64_t words_[kWords] = {};
};

NodeSet read_usable_nodes() {
  const SmallFile<4096> memory("/sys/devices/system/node/has_memory");
  NodeSet nodes = NodeSet::parse(memory.text());
  // The line lies past the hexadecimal masks, some 2 KiB into the file.
  const SmallFile<8192> status("/proc/self/status");
  if (const char* allowed = after_key(status.text(), "Mems_allowed_list:"))
    nodes = nodes.intersected_with(NodeSet::parse(allowed));
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
  const SmallFile<4096> file(node_path(from, "/distance").c_str());
  // Column n belongs to the n-th online node.
  const SmallFile<4096> online_list("/sys/devices/system/node/online");
  const NodeSet online = NodeSet::parse(online_list.text());
  const char* text = file.text();
  for (int node = 0; node < kMostNodes; ++node) {
    if (!online.has(node)) continue;
    const auto value = number_at(text);
    if (!value) return kRemote;
    if (node == to) return *value;
    while (*text >= '0' && *text <= '9') ++text;
    while (*text == ' ') ++text;
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
  const SmallFile<4096> cpu_list("/sys/devices/system/node/has_cpu");
  const NodeSet with_cpu = NodeSet::parse(cpu_list.text());

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
