// SPDX-License-Identifier: MulanPSL-2.0
// Runtimes without aclrtLaunchHostFunc call a function in a thread that has
// subscribed to the stream and asks for reports.  These are such threads: one
// for each context, started when its first stream needs one.
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

// Lets go of the stream, which is about to be destroyed.
void unsubscribe(StreamHandle stream);

// In a child of fork, which has none of the threads.
void forget_report_threads();

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_REPORT_THREADS_H
