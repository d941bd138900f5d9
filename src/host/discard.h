// SPDX-License-Identifier: MulanPSL-2.0
// Releases whole pages.
#ifndef GMEM_HOST_DISCARD_H
#define GMEM_HOST_DISCARD_H

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::host {

// Drops what the kernel pages hold, locked or not; they read as zero, or as
// the file, afterwards.  Kernels before 5.18 refuse locked memory: -EINVAL.
Error release(const ByteRange& kernel_pages);

// gmemFreeEager's semantics: release, with nothing done where the range has
// a hole, of which the kernel tells only when the rest is gone.
Error discard(const PageRange& pages);

}  // namespace gmem::host

#endif  // GMEM_HOST_DISCARD_H
