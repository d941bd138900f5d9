// SPDX-License-Identifier: MulanPSL-2.0
#include <stdio.h>
#include <string.h>

#include "findings.h"

namespace gmeminfo {
namespace {

void line(const char* label, const std::string& value) {
  printf("  %-38s %s\n", label, value.c_str());
}

void line(const char* label, const std::optional<std::string>& value) {
  line(label, value.value_or("unknown"));
}

std::string size_text(std::uint64_t bytes) {
  char text[32];
  snprintf(text, sizeof text, "%.1f MiB",
           static_cast<double>(bytes) / (1 << 20));
  return text;
}

void line(const char* label, const std::optional<std::uint64_t>& bytes,
          const char* without) {
  line(label, bytes ? size_text(*bytes) : without);
}

std::string overcommit_text(const std::optional<std::uint64_t>& mode) {
  if (!mode) return "unknown";
  switch (*mode) {
    case 0:
      return "heuristic";
    case 1:
      return "always";
    default:
      return "never";
  }
}

std::string balancing_text(const std::optional<std::uint64_t>& mode) {
  if (!mode) return "not in this kernel";
  return *mode == 0 ? "off" : "on";
}

void print_devices(const std::vector<DeviceFound>& devices) {
  puts("devices, in the order of the search");
  for (const DeviceFound& device : devices) {
    std::string state = "not in use: " + device.reason;
    if (device.in_use)
      state = device.node >= 0
                  ? "in use, node " + std::to_string(device.node)
                  : std::string("in use, no node: ") + strerror(-device.node);
    line(device.name.c_str(), state);
  }
}

void print_node(const Node& node) {
  std::string text = size_text(node.size) + ", " + size_text(node.free) +
                     " free, " +
                     (node.cpus.empty() ? "no CPU" : "CPUs " + node.cpus);
  if (node.distance) text += ", distance " + std::to_string(*node.distance);
  if (node.read_bandwidth)
    text += ", reads " + std::to_string(*node.read_bandwidth) + " MB/s";
  if (node.write_bandwidth)
    text += ", writes " + std::to_string(*node.write_bandwidth) + " MB/s";
  if (node.read_latency)
    text += ", read latency " + std::to_string(*node.read_latency) + " ns";
  if (node.write_latency)
    text += ", write latency " + std::to_string(*node.write_latency) + " ns";
  if (!node.allowed) text += ", not allowed for this process";
  line(("node " + std::to_string(node.id)).c_str(), text);
}

void print_settings(const Settings& settings) {
  puts("settings");
  line("transparent huge pages", settings.huge_pages);
  line("  their defragmentation", settings.huge_pages_defrag);
  line("  in shared memory", settings.huge_pages_shmem);
  line("  their size", settings.huge_page_size, "unknown");
  line("NUMA balancing", balancing_text(settings.numa_balancing));
  line("overcommit", overcommit_text(settings.overcommit));
  line("memory limit of the cgroup", settings.cgroup_limit, "none found");
  line("limit of address space", settings.address_space_limit, "none");
  line("limit of locked memory", settings.locked_limit, "none");
}

void count_line(const char* label, const std::optional<std::uint64_t>& count) {
  if (count) line(label, std::to_string(*count));
}

void print_hnode(const Hnode& node) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    text += (text.empty() ? "" : ", ") + part;
  };
  if (node.limit)
    add(*node.limit == 0 ? "no limit" : "limit " + size_text(*node.limit));
  if (node.free_pages)
    add(std::to_string(*node.free_pages) + " free pages of 2 MiB");
  if (node.active_pages)
    add(std::to_string(*node.active_pages) + " active pages of 2 MiB");
  if (node.refused)
    add(text.empty() ? "not readable" : "the rest not readable");
  if (text.empty()) add("without figures");
  line(("hnode " + std::to_string(node.id)).c_str(), text);
}

void print_gmem(const GmemKernel& gmem) {
  if (!gmem.found()) {
    puts("the kernel has no GMEM, or it is off");
    return;
  }
  puts("GMEM");
  line("/dev/gmem", gmem.device_file());
  line("boot parameter gmem=", gmem.boot_parameter.value_or("not given"));
  count_line("migrating", gmem.migrating.both_ways);
  count_line("migrating, host to device", gmem.migrating.to_device);
  count_line("migrating, device to host", gmem.migrating.to_host);
  for (const Hnode& node : gmem.nodes) print_hnode(node);
}

}  // namespace

void print_text(const Findings& findings) {
  printf("libgmem %s, jemalloc %s\n", findings.libgmem_version.c_str(),
         findings.jemalloc_version.c_str());
  print_devices(findings.devices);

  puts("memory");
  if (findings.nodes.empty()) puts("  the kernel has no NUMA nodes");
  for (const Node& node : findings.nodes) print_node(node);

  print_settings(findings.settings);

  printf("kernel %s\n", findings.settings.kernel.c_str());
  for (const Feature& feature : findings.features)
    line(feature.name, std::string(feature.outcome()));
  print_gmem(findings.gmem);

  for (const std::string& warning : findings.warnings)
    printf("warning: %s\n", warning.c_str());
}

}  // namespace gmeminfo
