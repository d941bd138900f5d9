// SPDX-License-Identifier: MulanPSL-2.0
#include "core/error_text.h"

#include <errno.h>
#include <string.h>

namespace gmem {
namespace {

constexpr const char* kUnknown = "unknown error";

// The C library's own words where it has them without a locale.
const char* system_text(int number) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
  const char* text = strerrordesc_np(number);
  if (text != nullptr) return text;
#endif
  static_cast<void>(number);
  return kUnknown;
}

}  // namespace

const char* error_text(int error) {
  switch (error) {
    case 0:
      return "success";
    case -EINVAL:
      return "invalid range, node or stream";
    case -ENODEV:
      return "the device is not available";
    case -ENOMEM:
      return "the range is not mapped, or there is no memory left";
    case -EACCES:
      return "the range holds memory without access rights";
    case -EPERM:
      return "the kernel's policy forbids the operation";
    case -EBUSY:
      return "some pages are in use and could not be moved";
    case -EAGAIN:
      return "no thread or stream is left; try again later";
    case -EDEADLK:
      return "a stream cannot wait for itself";
    case -ENOSYS:
      return "the device or the kernel does not support the operation";
    case -EOPNOTSUPP:
      return "the device cannot have this memory: it is not peer-shared";
    case -EIO:
      return "the device failed";
    case -EFAULT:
      return "pages cannot be accessed: guard pages, or memory that failed";
    default:
      // INT_MIN has no positive counterpart.
      return error > 0 || error < -4095 ? kUnknown : system_text(-error);
  }
}

}  // namespace gmem
