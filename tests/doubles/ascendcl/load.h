// SPDX-License-Identifier: MulanPSL-2.0
// Where a test program finds the built double of the Ascend runtime.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_LOAD_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_LOAD_H

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

// The variant is the name of a directory: full, callback, minimal or broken.
inline void* load_acl_double(const std::string& variant) {
  const char* build = std::getenv("GMEM_BUILDDIR");
  if (!build) throw std::runtime_error("GMEM_BUILDDIR is not set");
  const std::string path = std::string(build) + "/tests/doubles/ascendcl/" +
                           variant + "/.libs/libascendcl.so";
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  return library;
}

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_LOAD_H
