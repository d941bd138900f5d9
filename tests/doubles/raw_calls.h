// SPDX-License-Identifier: MulanPSL-2.0
// System calls without errno and without the C library: for a signal handler
// that may have interrupted malloc, and for a thread that glibc knows not of.
#ifndef GMEM_TESTS_DOUBLES_RAW_CALLS_H
#define GMEM_TESTS_DOUBLES_RAW_CALLS_H

#include <sys/syscall.h>

#include <cstdint>

#include "core/system_call.h"

namespace gmem_kernel {

inline long raw_value(long value) { return value; }
inline long raw_value(unsigned long value) { return static_cast<long>(value); }
inline long raw_value(int value) { return value; }
inline long raw_value(unsigned value) { return static_cast<long>(value); }
inline long raw_value(const volatile void* value) {
  return reinterpret_cast<long>(value);
}

// Passes the double's own filter by this sixth argument, which no system call
// that the filter looks at has, mmap apart: there it is no valid offset.
inline constexpr unsigned long kPassFilter = 0x676d656d646f7562;  // odd half

template <typename A = long, typename B = long, typename C = long,
          typename D = long, typename E = long>
long raw_call(long number, A a = 0, B b = 0, C c = 0, D d = 0, E e = 0) {
  return gmem_system_call(number, raw_value(a), raw_value(b), raw_value(c),
                          raw_value(d), raw_value(e), raw_value(kPassFilter));
}

// mmap has a true sixth argument.  Returns the address, or -errno.
inline long raw_mmap(std::uintptr_t address, std::size_t size, int protection,
                     int flags) {
  return gmem_system_call(SYS_mmap, raw_value(address), raw_value(size),
                          protection, flags, -1, 0);
}

inline bool is_error(long result) { return result < 0 && result >= -4095; }

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_RAW_CALLS_H
