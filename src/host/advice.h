// SPDX-License-Identifier: MulanPSL-2.0
// madvise, and what its answer is worth.
#ifndef GMEM_HOST_ADVICE_H
#define GMEM_HOST_ADVICE_H

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::host {

// 0, or the kernel's negative errno.  Advice that was interrupted, or that found
// the kernel short of something for a moment, is given again.
Error advise(const ByteRange& range, int advice);

// Whether advice that was taken is followed.  Emulators of user programs, such
// as qemu-user, say yes to all advice, even to such as there is not, and follow
// little of it or none: where an aarch64 container runs on x86_64, say.
bool advice_is_followed();

}  // namespace gmem::host

#endif  // GMEM_HOST_ADVICE_H
