// SPDX-License-Identifier: MulanPSL-2.0
#include "host/discard.h"

#include <errno.h>
#include <sys/mman.h>

#include "core/vma_walk.h"
#include "host/advice.h"

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

namespace gmem::host {

Error release(const PageRange& pages) {
  void* const begin = reinterpret_cast<void*>(pages.begin());
  const bool followed = advice_is_followed();
  if (followed && madvise(begin, pages.size(), MADV_DONTNEED_LOCKED) == 0)
    return 0;
  // Unknown to the kernel, or truly refused: the older advice tells.  It is
  // also the one that emulators know.
  if ((!followed || errno == EINVAL) &&
      madvise(begin, pages.size(), MADV_DONTNEED) == 0)
    return 0;
  return errno == EACCES ? -EPERM : -errno;
}

Error discard(const PageRange& pages) {
  return is_mapped_throughout(pages.bytes()) ? release(pages) : -ENOMEM;
}

}  // namespace gmem::host
