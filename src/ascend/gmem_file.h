// SPDX-License-Identifier: MulanPSL-2.0
// The process's open /dev/gmem and its two requests.  It is opened at the
// first need and stays open, in children of fork too; where the program has
// closed it behind the library's back, it is opened anew.
//
// No allocation and no lock: these may be called from inside malloc.
#ifndef GMEM_ASCEND_GMEM_FILE_H
#define GMEM_ASCEND_GMEM_FILE_H

#include <errno.h>

#include "ascend/uapi.h"
#include "core/device.h"
#include "core/page_range.h"

namespace gmem::ascend {

// 0, or why /dev/gmem cannot be opened: -ENOENT, -EACCES, -ENXIO, ...
Error open_gmem();

// Whether it is open, or could have been opened when this was first asked.
// Leaves no descriptor behind.
bool can_open_gmem();

// The hnid of the first device that is attached to the process.  -ENODEV
// where there is none.
Error get_hnid(int* hnid);
// The same; leaves no descriptor behind.
Error get_hnid_in_passing(int* hnid);

// The error for what is not within one peer-shared mapping; the kernel has
// done nothing then.
inline constexpr Error kNotOnePeerMapping = -ERANGE;

// Besides: -EFAULT, some pages of the range failed, the kernel does not say
// why; -EINVAL, the node is not the calling thread's to use; -ENOMEM, -EBUSY,
// -ENOSYS, -EIO; and what open_gmem returns.
Error advise(const PageRange& pages, int hnid, Behavior behavior);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_GMEM_FILE_H
