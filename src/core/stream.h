// SPDX-License-Identifier: MulanPSL-2.0
// Streams for devices whose runtime has none: each is a FIFO of tasks and,
// from its first task on, a worker thread that handles none of the program's
// signals.  Where the system has no thread left, tasks are queued all the
// same, and whoever waits for them runs them.
//
// A handle names a slot and its generation, so a handle that was destroyed,
// or never existed, is recognised without touching memory behind it.
// fork: the child inherits each stream with the tasks that were not finished;
// a worker of its own is started at the next call that needs it.
#ifndef GMEM_CORE_STREAM_H
#define GMEM_CORE_STREAM_H

#include <cstddef>

#include "core/device.h"

namespace gmem::stream {

inline constexpr std::size_t kMaxStreams = 4096;

// The tasks run on device, which outlives the stream.  -EAGAIN: there are
// kMaxStreams already.
Error create(Device& device, StreamHandle* stream);

// Each of these is -EINVAL for a handle that is not live, and never looks at
// memory behind it.

// -ENOMEM: there is no memory left to queue the task in.
Error enqueue(StreamHandle stream, const Task& task);

// Waits for the tasks queued before it; returns the first error since the
// last call, and forgets it.  -EDEADLK from within one of those tasks.
Error synchronize(StreamHandle stream);

// As synchronize; the handle is no longer live, from the start of the call.
Error destroy(StreamHandle stream);

bool is_live(StreamHandle stream);

}  // namespace gmem::stream

#endif  // GMEM_CORE_STREAM_H
