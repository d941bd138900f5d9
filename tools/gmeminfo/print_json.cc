// SPDX-License-Identifier: MulanPSL-2.0
#include "findings.h"
#include "json_writer.h"

namespace gmeminfo {
namespace {

void write_device(JsonWriter& json, const DeviceFound& device) {
  json.open_object();
  json.text("name", device.name);
  json.boolean("in_use", device.in_use);
  if (!device.in_use)
    json.text("reason", device.reason);
  else if (device.node >= 0)
    json.number("node", std::int64_t{device.node});
  json.close_object();
}

void write_node(JsonWriter& json, const Node& node) {
  json.open_object();
  json.number("id", std::int64_t{node.id});
  json.number("bytes", std::optional(node.size));
  json.number("free_bytes", std::optional(node.free));
  json.text("cpus", node.cpus);
  json.boolean("allowed", node.allowed);
  json.number("distance", node.distance);
  json.number("read_bandwidth_mb_per_s", node.read_bandwidth);
  json.number("write_bandwidth_mb_per_s", node.write_bandwidth);
  json.number("read_latency_ns", node.read_latency);
  json.number("write_latency_ns", node.write_latency);
  json.close_object();
}

void write_settings(JsonWriter& json, const Settings& settings) {
  json.open_object("settings");
  json.text("huge_pages", settings.huge_pages);
  json.text("huge_pages_defrag", settings.huge_pages_defrag);
  json.text("huge_pages_shmem", settings.huge_pages_shmem);
  json.number("huge_page_bytes", settings.huge_page_size);
  json.number("numa_balancing", settings.numa_balancing);
  json.number("overcommit", settings.overcommit);
  json.number("cgroup_limit_bytes", settings.cgroup_limit);
  json.number("address_space_limit_bytes", settings.address_space_limit);
  json.number("locked_limit_bytes", settings.locked_limit);
  json.close_object();
}

void write_hnode(JsonWriter& json, const Hnode& node) {
  json.open_object();
  json.number("id", std::int64_t{node.id});
  json.boolean("readable", !node.refused);
  json.number("limit_bytes", node.limit);
  json.number("free_2mib_pages", node.free_pages);
  json.number("active_2mib_pages", node.active_pages);
  json.close_object();
}

void write_gmem(JsonWriter& json, const GmemKernel& gmem) {
  json.open_object("gmem");
  json.text("dev_gmem", gmem.device_file());
  json.text("boot_parameter", gmem.boot_parameter);
  json.number("migrating", gmem.migrating.both_ways);
  json.number("migrating_h2d", gmem.migrating.to_device);
  json.number("migrating_d2h", gmem.migrating.to_host);
  json.open_array("hnodes");
  for (const Hnode& node : gmem.nodes) write_hnode(json, node);
  json.close_array();
  json.close_object();
}

void write_kernel(JsonWriter& json, const Findings& findings) {
  json.open_object("kernel");
  json.text("release", findings.settings.kernel);
  write_gmem(json, findings.gmem);
  json.open_object("features");
  for (const Feature& feature : findings.features)
    json.text(feature.name, std::string(feature.outcome()));
  json.close_object();
  json.close_object();
}

}  // namespace

void print_json(const Findings& findings) {
  JsonWriter json;
  json.open_object();
  json.text("libgmem", findings.libgmem_version);
  json.text("jemalloc", findings.jemalloc_version);
  json.open_array("devices");
  for (const DeviceFound& device : findings.devices) write_device(json, device);
  json.close_array();
  json.open_array("nodes");
  for (const Node& node : findings.nodes) write_node(json, node);
  json.close_array();
  write_settings(json, findings.settings);
  write_kernel(json, findings);
  json.open_array("warnings");
  for (const std::string& warning : findings.warnings)
    json.text(nullptr, warning);
  json.close_array();
  json.close_object();
}

}  // namespace gmeminfo
