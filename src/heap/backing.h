// SPDX-License-Identifier: MulanPSL-2.0
// The device behind the heap's chunks, as the heap calls it: inside malloc, so the
// caller's errno stays, and the thread is not cancelled.  Devices rely on it.
#ifndef GMEM_HEAP_BACKING_H
#define GMEM_HEAP_BACKING_H

#include "core/devices.h"
#include "core/keep_errno.h"
#include "core/no_cancel.h"

namespace gmem::heap {

// For one call: backing()->purge_part(part).
class BackingCall {
 public:
  explicit BackingCall(Device& device) : device_(device) {}
  Device* operator->() const { return &device_; }

 private:
  Device& device_;
  const KeepErrno keep_errno_;
  const NoCancel no_cancel_;
};

inline BackingCall backing() { return BackingCall(chunk_device()); }

}  // namespace gmem::heap

#endif  // GMEM_HEAP_BACKING_H
