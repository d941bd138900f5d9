// SPDX-License-Identifier: MulanPSL-2.0
// Makes a system call again where a signal interrupted it.  Not for ever: a
// filter of the program's (seccomp) may have it always say so.
#ifndef GMEM_CORE_CALL_AGAIN_H
#define GMEM_CORE_CALL_AGAIN_H

#include <errno.h>

namespace gmem {

// What the call returns in the end; negative, with errno, where it fails.
template <typename Call>
auto call_again(Call call) {
  constexpr int kMostTimes = 10000;
  auto result = call();
  for (int times = 1; result < 0 && errno == EINTR && times < kMostTimes;
       ++times)
    result = call();
  return result;
}

}  // namespace gmem

#endif  // GMEM_CORE_CALL_AGAIN_H
