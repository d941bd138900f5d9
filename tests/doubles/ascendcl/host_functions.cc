// SPDX-License-Identifier: MulanPSL-2.0
// aclrtLaunchHostFunc, which older runtimes lack.
#include "launch.h"

using namespace acl_double;

aclError aclrtLaunchHostFunc(aclrtStream handle, aclrtFunction function,
                             void* data) {
  return call("aclrtLaunchHostFunc", [&] {
    require(function, "the function is null");
    const Lock lock;
    throw_within_function();
    const std::shared_ptr<Stream> stream = working_stream(handle);
    throw_as_ordered();
    stream->had_host_functions = true;
    note_mixing(*stream);
    queue(*stream, {Task::Kind::kHostFunction, function, data, true});
  });
}
