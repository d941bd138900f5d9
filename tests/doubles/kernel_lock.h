// SPDX-License-Identifier: MulanPSL-2.0
// The lock of the double in this process.  Who holds it must not touch
// peer-shared memory: the fault server needs it to answer.
#ifndef GMEM_TESTS_DOUBLES_KERNEL_LOCK_H
#define GMEM_TESTS_DOUBLES_KERNEL_LOCK_H

#include <cstdint>

namespace gmem_kernel {

// Signals are held off meanwhile.  The first holder in a forked child sets up
// the double there.
class KernelLock {
 public:
  KernelLock();
  ~KernelLock();
  KernelLock(const KernelLock&) = delete;
  KernelLock& operator=(const KernelLock&) = delete;

 private:
  std::uint64_t signals_found_;
};

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_KERNEL_LOCK_H
