// SPDX-License-Identifier: MulanPSL-2.0
// Streams are the runtime's own (aclrtStream): those of gmemStreamCreate, and
// any other that the program passes.  Tasks are functions that the runtime
// calls in the stream's order.
#ifndef GMEM_ASCEND_STREAMS_H
#define GMEM_ASCEND_STREAMS_H

#include "ascend/stream_table.h"
#include "core/device.h"

namespace gmem::ascend {

// The Device's members of the same names.  runtime() is not null.
Error stream_create(StreamHandle* stream);
Error stream_synchronize(StreamHandle stream);
Error stream_destroy(StreamHandle stream);
bool is_live_stream(StreamHandle stream);
Error enqueue(StreamHandle stream, const Task& task);

StreamTable& stream_table();

// Where tasks are carried out from now on.  Idempotent.
void serve_streams_of(Device& device);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_STREAMS_H
