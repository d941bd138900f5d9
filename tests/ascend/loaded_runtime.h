// SPDX-License-Identifier: MulanPSL-2.0
// The double of the Ascend runtime, as a program has loaded it.
#ifndef GMEM_TESTS_ASCEND_LOADED_RUNTIME_H
#define GMEM_TESTS_ASCEND_LOADED_RUNTIME_H

#include <dlfcn.h>
#include <stdlib.h>

#include <stdexcept>
#include <string>

#include "doubles/ascendcl/control.h"

namespace ascend {

// Of the runtime's double: what its versions have.
inline constexpr char kFull[] = "full";
inline constexpr char kCallback[] = "callback";  // no host functions
inline constexpr char kMinimal[] = "minimal";    // nothing calls anybody

inline std::string runtime_file(const char* variant) {
  const char* const build = getenv("GMEM_BUILDDIR");
  if (build == nullptr) throw std::runtime_error("GMEM_BUILDDIR is not set");
  return std::string(build) + "/tests/doubles/ascendcl/" + variant +
         "/.libs/libascendcl.so";
}

// libgmem finds it as it is.
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

}  // namespace ascend

#endif  // GMEM_TESTS_ASCEND_LOADED_RUNTIME_H
