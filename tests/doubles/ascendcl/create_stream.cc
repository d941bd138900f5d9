// SPDX-License-Identifier: MulanPSL-2.0
// aclrtCreateStream, which the broken variant lacks.
#include <utility>

#include "failure.h"
#include "handles.h"
#include "runtime.h"

namespace {

using namespace acl_double;

aclrtStream stream_handle() {
  if (runtime().orders.reuse_handles && runtime().last_destroyed_stream)
    return std::exchange(runtime().last_destroyed_stream, nullptr);
  return new_handle();
}

}  // namespace

aclError aclrtCreateStream(aclrtStream* handle) {
  return call("aclrtCreateStream", [&] {
    require(handle, "the place for the stream is null");
    const Lock lock;
    throw_within_function();
    const auto stream = std::make_shared<Stream>();
    stream->context = current_context();
    throw_if_broken(*stream->context);
    const aclError ordered =
        std::exchange(runtime().orders.create_stream_code, 0);
    if (ordered) throw Failure{ordered, "as the test ordered"};
    stream->id = runtime().next_stream_id++;
    start_worker(stream);
    stream->handle = stream_handle();
    runtime().streams.emplace(stream->handle, stream);
    *handle = stream->handle;
  });
}
