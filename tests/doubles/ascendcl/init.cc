// SPDX-License-Identifier: MulanPSL-2.0
// aclInit and what undoes it.
#include "failure.h"
#include "runtime.h"

namespace {

using namespace acl_double;

std::uint64_t finalize() {
  Runtime& state = runtime();
  if (state.init_count == 0 && state.was_finalized)
    throw Failure{kAclRepeatFinalize, "already finalized"};
  if (state.init_count == 0)
    throw Failure{kAclUninitialized, "aclInit was not called"};
  if (--state.init_count == 0) state.was_finalized = true;
  return state.init_count;
}

}  // namespace

aclError aclInit(const char*) {
  return call("aclInit", [] {
    const Lock lock;
    Runtime& state = runtime();
    if (state.init_count > 0 && state.orders.refuse_repeated_init)
      throw Failure{kAclRepeatInitialize, "already initialized"};
    own_process();
    ++state.init_count;
  });
}

aclError aclFinalize() {
  return call("aclFinalize", [] {
    const Lock lock;
    finalize();
  });
}

aclError aclFinalizeReference(std::uint64_t* count) {
  return call("aclFinalizeReference", [&] {
    require(count, "the place for the count is null");
    const Lock lock;
    *count = finalize();
  });
}
