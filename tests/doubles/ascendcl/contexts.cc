// SPDX-License-Identifier: MulanPSL-2.0
// Contexts that the program makes, and which one is a thread's current.
#include "failure.h"
#include "runtime.h"

namespace {

using namespace acl_double;

std::shared_ptr<Context> live_context(aclrtContext handle) {
  require(handle, "the context is null");
  const auto found = runtime().contexts.find(handle);
  if (found == runtime().contexts.end())
    throw Failure{kAclRtInvalidHandle, "the context is not live"};
  return found->second;
}

bool is_default(const std::shared_ptr<Context>& context) {
  for (const Device& device : runtime().devices)
    if (device.default_context == context) return true;
  return false;
}

}  // namespace

aclError aclrtCreateContext(aclrtContext* context, std::int32_t device) {
  return call("aclrtCreateContext", [&] {
    require(context, "the place for the context is null");
    const Lock lock;
    throw_within_function();
    if (device < 0 || device >= kDeviceCount)
      throw Failure{kAclRtDevice, "there is no device with this number"};
    own_process();
    *context = new_context(device)->handle;
    set_current_context(*context);
  });
}

aclError aclrtDestroyContext(aclrtContext handle) {
  return call("aclrtDestroyContext", [&] {
    const Lock lock;
    throw_within_function();
    const std::shared_ptr<Context> context = live_context(handle);
    if (is_default(context))
      throw Failure{kAclRtParam, "a default context goes with its device"};
    destroy_context(context);
  });
}

aclError aclrtGetCurrentContext(aclrtContext* context) {
  return call("aclrtGetCurrentContext", [&] {
    require(context, "the place for the context is null");
    const Lock lock;
    *context = current_context()->handle;
  });
}

aclError aclrtSetCurrentContext(aclrtContext handle) {
  return call("aclrtSetCurrentContext", [&] {
    const Lock lock;
    set_current_context(live_context(handle)->handle);
  });
}
