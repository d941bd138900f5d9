// SPDX-License-Identifier: MulanPSL-2.0
// The devices compiled in, and which of them serves the calls.
#ifndef GMEM_TOOLS_GMEMINFO_DEVICES_FOUND_H
#define GMEM_TOOLS_GMEMINFO_DEVICES_FOUND_H

#include <string>
#include <vector>

namespace gmeminfo {

struct DeviceFound {
  std::string name;
  bool in_use = false;
  int node = -1;       // of the one in use; a negative errno where it has none
  std::string reason;  // why it is not in use
};

std::vector<DeviceFound> find_devices();

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_DEVICES_FOUND_H
