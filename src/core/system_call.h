/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A system call without the C library: its result, or -errno.  C and C++ include
 * this file.
 */
#ifndef GMEM_CORE_SYSTEM_CALL_H
#define GMEM_CORE_SYSTEM_CALL_H

/* The sixth argument does not linger where a later call, of fewer arguments, would
 * have it too. */
static inline long gmem_system_call(long number, long a, long b, long c, long d,
                                    long e, long f) {
#if defined(__x86_64__)
  long result = number;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
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

#endif /* GMEM_CORE_SYSTEM_CALL_H */
