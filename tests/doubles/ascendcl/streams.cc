// SPDX-License-Identifier: MulanPSL-2.0
// The calls on streams that every variant has.
#include <chrono>
#include <utility>

#include "failure.h"
#include "runtime.h"

namespace {

using namespace acl_double;

bool is_through(const Stream& stream, std::uint64_t count) {
  return stream.done >= count || has_stopped(stream);
}

// Waits for what has been queued by now; -1: for as long as that takes.
void synchronize(aclrtStream handle, std::int32_t milliseconds) {
  Lock lock;
  throw_within_function();
  const std::shared_ptr<Stream> stream = working_stream(handle);
  const aclError ordered = std::exchange(runtime().orders.synchronize_code, 0);
  if (ordered) throw Failure{ordered, "as the test ordered"};

  const std::uint64_t count = stream->queued;
  const auto through = [&] { return is_through(*stream, count); };
  if (milliseconds == -1) {
    stream->changed.wait(lock, through);
  } else if (!stream->changed.wait_for(
                 lock, std::chrono::milliseconds(milliseconds), through)) {
    throw Failure{kAclRtWaitTimeout, "the stream is not through in time"};
  }
  throw_if_broken(*stream->context);
  if (stream->is_destroyed)
    throw Failure{kAclRtInvalidHandle, "the stream has been destroyed"};
}

}  // namespace

aclError aclrtDestroyStream(aclrtStream handle) {
  return call("aclrtDestroyStream", [&] {
    const Lock lock;
    throw_within_function();
    destroy_stream(own_stream(handle));
  });
}

aclError aclrtSynchronizeStream(aclrtStream handle) {
  return call("aclrtSynchronizeStream", [&] { synchronize(handle, -1); });
}

aclError aclrtSynchronizeStreamWithTimeout(aclrtStream handle,
                                           std::int32_t milliseconds) {
  return call("aclrtSynchronizeStreamWithTimeout", [&] {
    if (milliseconds < -1 || milliseconds == 0)
      throw Failure{kAclRtParam, "neither -1 nor a time"};
    synchronize(handle, milliseconds);
  });
}

aclError aclrtStreamQuery(aclrtStream handle, int* status) {
  return call("aclrtStreamQuery", [&] {
    require(status, "the place for the status is null");
    const Lock lock;
    const std::shared_ptr<Stream> stream = working_stream(handle);
    *status = stream->done == stream->queued ? kAclStreamComplete
                                             : kAclStreamNotReady;
  });
}

aclError aclrtStreamGetId(aclrtStream handle, std::int32_t* id) {
  return call("aclrtStreamGetId", [&] {
    require(id, "the place for the id is null");
    const Lock lock;
    *id = own_stream(handle)->id;
  });
}
