// SPDX-License-Identifier: MulanPSL-2.0
// The kernel's calls for memory policies, as <numaif.h> declares them.  Not
// libnuma's functions of these names, though they are the same: its constructor
// reads the machine's nodes, which each process under LD_PRELOAD would pay
// for with a fifth of a millisecond and half a MiB.
#ifndef GMEM_HOST_NUMA_CALLS_H
#define GMEM_HOST_NUMA_CALLS_H

#include <numaif.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gmem::host {

inline long get_mempolicy(int* mode, unsigned long* nodes, unsigned long bits,
                          void* address, unsigned flags) {
  return syscall(SYS_get_mempolicy, mode, nodes, bits, address, flags);
}

inline long set_mempolicy(int mode, const unsigned long* nodes,
                          unsigned long bits) {
  return syscall(SYS_set_mempolicy, mode, nodes, bits);
}

inline long mbind(void* begin, unsigned long size, int mode,
                  const unsigned long* nodes, unsigned long bits,
                  unsigned flags) {
  return syscall(SYS_mbind, begin, size, mode, nodes, bits, flags);
}

inline long move_pages(int process, unsigned long count, void** pages,
                       const int* nodes, int* status, int flags) {
  return syscall(SYS_move_pages, process, count, pages, nodes, status, flags);
}

}  // namespace gmem::host

#endif  // GMEM_HOST_NUMA_CALLS_H
