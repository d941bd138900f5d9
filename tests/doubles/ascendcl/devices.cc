// SPDX-License-Identifier: MulanPSL-2.0
// Devices: counted by aclrtSetDevice, each with a default context.
#include <vector>

#include "failure.h"
#include "kernel_double.h"
#include "runtime.h"

namespace {

using namespace acl_double;

Device& device_of(std::int32_t number) {
  if (number < 0 || number >= kDeviceCount)
    throw Failure{kAclRtDevice, "there is no device with this number"};
  return runtime().devices[static_cast<std::size_t>(number)];
}

int users_of_all_devices() {
  int users = 0;
  for (const Device& device : runtime().devices) users += device.users;
  return users;
}

void destroy_contexts_of(std::int32_t device) {
  std::vector<std::shared_ptr<Context>> contexts;
  for (const auto& [handle, context] : runtime().contexts)
    if (context->device == device) contexts.push_back(context);
  for (const auto& context : contexts) destroy_context(context);
}

}  // namespace

aclError aclrtSetDevice(std::int32_t number) {
  return call("aclrtSetDevice", [&] {
    const KernelDouble kernel;
    const Lock lock;
    throw_within_function();
    Device& device = device_of(number);
    own_process();
    if (users_of_all_devices() == 0) kernel.attach();
    if (device.users == 0) device.default_context = new_context(number);
    ++device.users;
    set_current_context(device.default_context->handle);
  });
}

aclError aclrtResetDevice(std::int32_t number) {
  return call("aclrtResetDevice", [&] {
    const KernelDouble kernel;
    const Lock lock;
    throw_within_function();
    Device& device = device_of(number);
    if (device.users == 0)
      throw Failure{kAclRtNoContext, "the device is not in use"};
    if (--device.users > 0) return;
    destroy_contexts_of(number);
    device.default_context = nullptr;
    if (users_of_all_devices() == 0) kernel.detach();
  });
}

aclError aclrtGetDevice(std::int32_t* device) {
  return call("aclrtGetDevice", [&] {
    require(device, "the place for the device is null");
    const Lock lock;
    *device = current_context()->device;
  });
}

aclError aclrtGetDeviceCount(std::uint32_t* count) {
  return call("aclrtGetDeviceCount", [&] {
    require(count, "the place for the count is null");
    *count = kDeviceCount;
  });
}

aclError aclrtGetMemInfo(int attr, std::size_t* free, std::size_t* total) {
  return call("aclrtGetMemInfo", [&] {
    require(free && total, "a place for a size is null");
    const Lock lock;
    current_context();
    constexpr std::size_t kGiB = std::size_t{1} << 30;
    *total = attr == kAclHbm ? 32 * kGiB : attr == kAclDdr ? 8 * kGiB : 0;
    *free = *total / 4 * 3;
  });
}
