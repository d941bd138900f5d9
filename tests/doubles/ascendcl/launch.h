// SPDX-License-Identifier: MulanPSL-2.0
// What both ways to launch a function have in common.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_LAUNCH_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_LAUNCH_H

#include "failure.h"
#include "runtime.h"

namespace acl_double {

inline void throw_as_ordered() {
  Orders& orders = runtime().orders;
  if (orders.launches_to_fail == 0) return;
  --orders.launches_to_fail;
  throw Failure{orders.launch_code, "as the test ordered"};
}

inline void note_mixing(const Stream& stream) {
  if (stream.had_host_functions && stream.had_callbacks)
    note_misuse("host functions and callbacks on one stream");
}

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_LAUNCH_H
