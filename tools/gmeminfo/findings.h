// SPDX-License-Identifier: MulanPSL-2.0
// All that gmeminfo found, and the two ways to say it.
#ifndef GMEM_TOOLS_GMEMINFO_FINDINGS_H
#define GMEM_TOOLS_GMEMINFO_FINDINGS_H

#include <string>
#include <vector>

#include "devices_found.h"
#include "gmem_kernel.h"
#include "kernel_features.h"
#include "nodes.h"
#include "settings.h"

namespace gmeminfo {

struct Findings {
  std::string libgmem_version;  // of the build that this tool belongs to
  std::string jemalloc_version;
  std::vector<DeviceFound> devices;
  std::vector<Node> nodes;
  Settings settings;
  std::vector<Feature> features;
  GmemKernel gmem;
  std::vector<std::string> warnings;  // settings that defeat libgmem

  bool device_in_use() const {
    for (const DeviceFound& device : devices)
      if (device.in_use) return true;
    return false;
  }
};

Findings find_all();

void print_text(const Findings& findings);
void print_json(const Findings& findings);

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_FINDINGS_H
