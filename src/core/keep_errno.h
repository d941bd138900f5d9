// SPDX-License-Identifier: MulanPSL-2.0
// Leaves errno as it was found when the scope ends.
#ifndef GMEM_CORE_KEEP_ERRNO_H
#define GMEM_CORE_KEEP_ERRNO_H

#include <errno.h>

namespace gmem {

class KeepErrno {
 public:
  KeepErrno() : found_(errno) {}
  ~KeepErrno() { errno = found_; }
  KeepErrno(const KeepErrno&) = delete;
  KeepErrno& operator=(const KeepErrno&) = delete;

 private:
  const int found_;
};

}  // namespace gmem

#endif  // GMEM_CORE_KEEP_ERRNO_H
