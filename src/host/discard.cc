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

Error release(const ByteRange& kernel_pages) {
  void* const begin = reinterpret_cast<void*>(kernel_pages.begin());
  const std::size_t size = kernel_pages.size();
  const bool followed = advice_is_followed();
  if (followed && madvise(begin, size, MADV_DONTNEED_LOCKED) == 0)
    return 0;
  // Unknown to the kernel, or truly refused: the older advice tells.  It is
  // also the one that emulators know.
  if ((!followed || errno == EINVAL) &&
      madvise(begin, size, MADV_DONTNEED) == 0)
    return 0;
  return errno == EACCES ? -EPERM : -errno;
}

Error discard(const PageRange& pages) {
  const ByteRange bytes = pages.bytes();
  return is_mapped_throughout(bytes) ? release(bytes) : -ENOMEM;
}

}  // namespace gmem::host
