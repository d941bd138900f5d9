// SPDX-License-Identifier: MulanPSL-2.0
// /dev/gmem: what open and ioctl answer, as system calls do: 0 or more, or
// -errno.
#ifndef GMEM_TESTS_DOUBLES_REQUESTS_H
#define GMEM_TESTS_DOUBLES_REQUESTS_H

#include <cstdint>

namespace gmem_kernel {

long open_device(int flags);
// Whether it came from open_device, by dup or fork as it may be.
bool is_device_fd(int fd);
long device_ioctl(unsigned request, std::uintptr_t argument);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_REQUESTS_H
