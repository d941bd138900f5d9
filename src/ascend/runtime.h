// SPDX-License-Identifier: MulanPSL-2.0
// The Ascend runtime (CANN), which the program may have loaded or not: the
// functions of acl_rt.h that libgmem calls, found by their names.  libgmem
// never initialises or finalises it; it acts on the program's streams and
// contexts.
#ifndef GMEM_ASCEND_RUNTIME_H
#define GMEM_ASCEND_RUNTIME_H

#include <stdint.h>

#include "ascend/acl_error.h"

namespace gmem::ascend {

using HostFunction = void (*)(void* argument);

// As acl_rt.h declares them, handles being void*.
struct Runtime {
  AclError (*create_stream)(void** stream);
  AclError (*destroy_stream)(void* stream);
  AclError (*synchronize_stream)(void* stream);
  AclError (*get_current_context)(void** context);
  AclError (*set_current_context)(void* context);

  // Null in older versions.
  AclError (*launch_host_function)(void* stream, HostFunction function,
                                   void* argument);

  // What there was before: all four, or launch_callback is null.
  AclError (*launch_callback)(HostFunction function, void* argument,
                              int block_type, void* stream);
  AclError (*subscribe_report)(uint64_t thread, void* stream);
  AclError (*unsubscribe_report)(uint64_t thread, void* stream);
  AclError (*process_report)(int32_t timeout_ms);

  // Null where there is none.
  AclError (*stream_id)(void* stream, int32_t* id);
  const char* (*recent_error)();
};

// Null where there is no usable runtime; runtime_search_report() then says
// what was looked for, and where.  Searched for once.
const Runtime* runtime();

// In words; where the runtime was found, its file.
const char* runtime_search_report();

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_RUNTIME_H
