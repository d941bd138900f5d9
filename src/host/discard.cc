// SPDX-License-Identifier: MulanPSL-2.0
#include "host/discard.h"

#include <errno.h>
#include <sys/mman.h>

#include "core/kernel_constants.h"
#include "core/vma_walk.h"
#include "host/advice.h"

namespace gmem::host {

namespace {

// Of the kernel's answers, what gmemFreeEager may return.
Error explain(Error answer) {
  switch (answer) {
    case 0:
    case -ENOMEM:
    case -EINVAL:
      return answer;
    case -EPERM:  // sealed
    case -EACCES:
    case -ENOSYS:
      return -EPERM;
    default:
      return -EIO;
  }
}

}  // namespace

Error release(const ByteRange& kernel_pages) {
  // What emulators know is the older advice.
  if (!advice_is_followed())
    return explain(advise(kernel_pages, MADV_DONTNEED));
  const Error answer = advise(kernel_pages, MADV_DONTNEED_LOCKED);
  // Unknown to the kernel, or truly refused: the older advice tells.
  return explain(answer == -EINVAL ? advise(kernel_pages, MADV_DONTNEED)
                                   : answer);
}

Error discard(const PageRange& pages) {
  const ByteRange bytes = pages.bytes();
  const Error error = check_mapped(bytes);
  return error == 0 ? release(bytes) : error;
}

}  // namespace gmem::host
