// SPDX-License-Identifier: MulanPSL-2.0
#include "control.h"

#include "runtime.h"

namespace {

using namespace acl_double;

// From any thread: a test needs no context to give orders.
template <typename Body>
int with_stream(void* handle, Body body) {
  const Lock lock;
  const auto found = runtime().streams.find(handle);
  if (found == runtime().streams.end()) return kAclRtInvalidHandle;
  body(*found->second);
  return kAclSuccess;
}

}  // namespace

void acl_double_fail_launches(int count, int code) {
  const Lock lock;
  runtime().orders.launches_to_fail = count;
  runtime().orders.launch_code = code;
}

void acl_double_fail_synchronize(int code) {
  const Lock lock;
  runtime().orders.synchronize_code = code;
}

void acl_double_fail_create_stream(int code) {
  const Lock lock;
  runtime().orders.create_stream_code = code;
}

void acl_double_swallow_functions(int count) {
  const Lock lock;
  runtime().orders.functions_to_swallow = count;
}

int acl_double_hold_stream(void* handle) {
  return with_stream(handle, [](Stream& stream) { stream.is_held = true; });
}

int acl_double_release_stream(void* handle) {
  return with_stream(handle, [](Stream& stream) {
    stream.is_held = false;
    stream.changed.notify_all();
  });
}

int acl_double_kill_stream(void* handle) {
  return with_stream(handle,
                     [](Stream& stream) { break_context(*stream.context); });
}

void acl_double_refuse_repeated_init(int on) {
  const Lock lock;
  runtime().orders.refuse_repeated_init = on;
}

void acl_double_use_rt_codes(int on) {
  const Lock lock;
  runtime().orders.use_rt_codes = on;
}

void acl_double_reuse_handles(int on) {
  const Lock lock;
  runtime().orders.reuse_handles = on;
}

long acl_double_count(AclDoubleCount which) {
  const Lock lock;
  const Runtime& state = runtime();
  switch (which) {
    case kAclLaunches:
      return state.record.launches;
    case kAclFunctionsRun:
      return state.record.functions_run;
    case kAclLiveStreams:
      return static_cast<long>(state.streams.size());
    case kAclLiveContexts:
      return static_cast<long>(state.contexts.size());
    case kAclSubscriptions: {
      long count = 0;
      for (const auto& [handle, stream] : state.streams)
        count += stream->subscriber != nullptr;
      return count;
    }
    case kAclMisuses:
      return state.record.misuses;
  }
  return -1;
}

const char* acl_double_last_misuse() {
  const Lock lock;
  return runtime().record.last_misuse;
}

pid_t acl_double_last_function_thread() {
  const Lock lock;
  return runtime().record.last_function_thread;
}
