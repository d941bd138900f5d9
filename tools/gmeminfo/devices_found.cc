// SPDX-License-Identifier: MulanPSL-2.0
#include "devices_found.h"

#include "core/conf.h"
#include "core/devices.h"

namespace gmeminfo {
namespace {

std::string why_not_in_use(gmem::Device& device) {
  const gmem::Availability found = device.probe();
  if (found.error != 0) return found.reason;
  if (gmem::conf().device[0] != '\0')
    return std::string("GMEM_CONF asks for ") + gmem::conf().device;
  return "one before it in the list serves";
}

}  // namespace

std::vector<DeviceFound> find_devices() {
  std::vector<DeviceFound> devices;
  gmem::Device* const current = gmem::current_device();
  for (gmem::Device* device : gmem::compiled_in_devices()) {
    DeviceFound found;
    found.name = device->name();
    found.in_use = device == current;
    if (found.in_use)
      found.node = device->numa_id();
    else
      found.reason = why_not_in_use(*device);
    devices.push_back(found);
  }
  return devices;
}

}  // namespace gmeminfo
