// SPDX-License-Identifier: MulanPSL-2.0
// System calls without errno and without the C library: for a signal handler
// that may have interrupted malloc, and for a thread that glibc knows not of.
#ifndef GMEM_TESTS_DOUBLES_RAW_CALLS_H
#define GMEM_TESTS_DOUBLES_RAW_CALLS_H

#include <sys/syscall.h>

#include <cstdint>

namespace gmem_kernel {

inline long raw_call6(long number, long a, long b, long c, long d, long e,
                      long f) {
#if defined(__x86_64__)
  long result = number;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  // The sixth argument must not linger where a later system call of the
  // program, with fewer arguments, would have it too.
  __asm__ volatile("syscall\n\txorl %%r9d, %%r9d"
                   : "+a"(result), "+r"(r9)
                   : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "cc", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0\n\tmov x5, xzr"
                   : "+r"(x0), "+r"(x5)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                   : "memory");
  return x0;
#else
#error "system calls of this processor are not known here"
#endif
}

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
  return raw_call6(number, raw_value(a), raw_value(b), raw_value(c),
                   raw_value(d), raw_value(e), raw_value(kPassFilter));
}

// mmap has a true sixth argument.  Returns the address, or -errno.
inline long raw_mmap(std::uintptr_t address, std::size_t size, int protection,
                     int flags) {
  return raw_call6(SYS_mmap, raw_value(address), raw_value(size), protection,
                   flags, -1, 0);
}

inline bool is_error(long result) { return result < 0 && result >= -4095; }

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_RAW_CALLS_H
