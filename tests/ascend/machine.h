// SPDX-License-Identifier: MulanPSL-2.0
// A machine with an Ascend card, as far as doubles go: the kernel's is in
// tests/doubles, the runtime's in tests/doubles/ascendcl.  One for the process
// of each test.
#ifndef GMEM_TESTS_ASCEND_MACHINE_H
#define GMEM_TESTS_ASCEND_MACHINE_H

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <stdexcept>
#include <string>

#include "core/devices.h"
#include "doubles/ascendcl/control.h"
#include "doubles/gmem_kernel.h"

namespace ascend {

// Of the runtime's double: what its versions have.
inline constexpr char kFull[] = "full";
inline constexpr char kCallback[] = "callback";  // no host functions
inline constexpr char kMinimal[] = "minimal";    // nothing calls anybody

inline gmem::Device& device() {
  for (gmem::Device* device : gmem::compiled_in_devices())
    if (strcmp(device->name(), "ascend") == 0) return *device;
  throw std::runtime_error("the device is not compiled in");
}

inline std::string runtime_file(const char* variant) {
  const char* const build = getenv("GMEM_BUILDDIR");
  if (build == nullptr) throw std::runtime_error("GMEM_BUILDDIR is not set");
  return std::string(build) + "/tests/doubles/ascendcl/" + variant +
         "/.libs/libascendcl.so";
}

// The runtime as the program has loaded it; the library finds it so.
class LoadedRuntime {
 public:
  explicit LoadedRuntime(const char* variant)
      : library_(dlopen(runtime_file(variant).c_str(), RTLD_NOW)) {
    if (library_ == nullptr) throw std::runtime_error(dlerror());
  }
  template <typename Function>
  Function* function(const char* name) const {
    void* const found = dlsym(library_, name);
    if (found == nullptr) throw std::runtime_error(name);
    return reinterpret_cast<Function*>(found);
  }
  AclDouble control() const { return AclDouble(library_); }
  // Attaches the device to the process, and makes its context the thread's.
  void set_device(int id = 0) const {
    if (function<int(int)>("aclrtSetDevice")(id) != 0)
      throw std::runtime_error("aclrtSetDevice");
  }

 private:
  void* const library_;
};

// The kernel and the runtime together; probed, so that the device serves.
struct Machine {
  explicit Machine(const gmem_kernel::Options& options,
                   const char* variant = kFull)
      : runtime((gmem_kernel::install(options), variant)) {
    const gmem::Availability found = device().probe();
    if (found.error != 0) throw std::runtime_error(found.reason);
  }
  const LoadedRuntime runtime;
};

}  // namespace ascend

#endif  // GMEM_TESTS_ASCEND_MACHINE_H
