// SPDX-License-Identifier: MulanPSL-2.0
// Linked into a program, the double is its kernel from before the first
// allocation on: the heap asks the kernel but once what it is.
#include "doubles/environment.h"

namespace {

void install(int, char**, char** environment) {
  gmem_kernel::install_from(environment);
}

// Before the constructors of all libraries.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const install_early)(int, char**, char**) = install;

}  // namespace
