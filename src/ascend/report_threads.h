// SPDX-License-Identifier: MulanPSL-2.0
// Runtimes without aclrtLaunchHostFunc call a function in a thread that has
// subscribed to the stream and asks for reports.  These are such threads: one
// for each context, started when its first stream needs one, and passed on to
// another context where there are no more to be had.
//
// Not under the stream table's mutex, which the functions called take.
#ifndef GMEM_ASCEND_REPORT_THREADS_H
#define GMEM_ASCEND_REPORT_THREADS_H

#include "ascend/runtime.h"
#include "core/device.h"

namespace gmem::ascend {

// Held from subscribing to launching, so that no thread of ours lets go of
// the stream in between.
class SubscriptionLock {
 public:
  SubscriptionLock();
  ~SubscriptionLock();
  SubscriptionLock(const SubscriptionLock&) = delete;
  SubscriptionLock& operator=(const SubscriptionLock&) = delete;
};

// Sees to it that a thread serves the stream: one of ours, or of the
// program's, which has subscribed one itself then.  Under a SubscriptionLock,
// with the stream in the table, and its context the calling thread's.
Error subscribe(StreamHandle stream);

// Until no thread of ours is subscribed to a stream of the program's that has
// nothing to do for us, so that the program may destroy it.
void await_unsubscription(StreamHandle stream);

// Lets go of the stream, if it is still the one that a thread of ours was
// subscribed to.  Under a SubscriptionLock.
void unsubscribe(StreamHandle stream);

// In a child of fork, which has none of the threads.
void forget_report_threads();

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_REPORT_THREADS_H
