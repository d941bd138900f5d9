// SPDX-License-Identifier: MulanPSL-2.0
// Linked into a program, the double is its kernel from before the first
// allocation on: the heap asks the kernel but once what it is.
#include <string.h>

#include <cstddef>

#include "doubles/environment.h"

namespace {

// The C library has not set up its own view of the environment yet.
void install(int, char**, char** environment) {
  constexpr std::size_t kLength = sizeof gmem_kernel::kVariable - 1;
  for (; *environment != nullptr; ++environment)
    if (strncmp(*environment, gmem_kernel::kVariable, kLength) == 0 &&
        (*environment)[kLength] == '=')
      gmem_kernel::install_as_told(*environment + kLength + 1);
}

// Before the constructors of all libraries.
[[gnu::section(".preinit_array"), gnu::used]] void (*const install_early)(
    int, char**, char**) = install;

}  // namespace
