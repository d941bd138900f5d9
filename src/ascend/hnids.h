// SPDX-License-Identifier: MulanPSL-2.0
// The nodes that are devices' memory.  They share one numbering with the
// ordinary NUMA nodes and come after the last possible one of these.
#ifndef GMEM_ASCEND_HNIDS_H
#define GMEM_ASCEND_HNIDS_H

#include "core/device.h"

namespace gmem::ascend {

// The hnid of the device that is attached to the process; -ENODEV where none
// is, or where it has no memory of its own.
int attached_hnid();

// Whether a device with memory of its own may be attached: it is not where
// the kernel says so, which it may not be asked any more.  Leaves no
// descriptor behind.
bool may_be_attached();

// Whether the kernel knows the hnid as a device's.  Takes any int.
bool is_device_hnid(int hnid);

// The same without asking: whether it has been found to be one before.
bool is_known_hnid(int hnid);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_HNIDS_H
