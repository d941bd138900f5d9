// SPDX-License-Identifier: MulanPSL-2.0
// A double of the kernel's GMEM, where the test has one beside this: the
// process gains its device with the first aclrtSetDevice and loses it with the
// last aclrtResetDevice.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_KERNEL_DOUBLE_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_KERNEL_DOUBLE_H

#include <dlfcn.h>

namespace acl_double {

// Made without the runtime's lock: the loader has a lock of its own.
class KernelDouble {
 public:
  KernelDouble() {
    find("gmem_kernel_double_attach", attach_);
    find("gmem_kernel_double_detach", detach_);
  }
  void attach() const {
    if (attach_) attach_(0);
  }
  void detach() const {
    if (detach_) detach_();
  }

 private:
  template <typename Function>
  static void find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  }

  void (*attach_)(int hnid);
  void (*detach_)();
};

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_KERNEL_DOUBLE_H
