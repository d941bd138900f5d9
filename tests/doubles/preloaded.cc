// SPDX-License-Identifier: MulanPSL-2.0
// Preloaded, the double is the kernel of an unchanged program.
#include "doubles/environment.h"

namespace {

// Runs before any other library's constructor, of which some call malloc: a
// heap that looks for the kernel's flags shall find the double's.
[[gnu::constructor]] void install(int, char**, char** environment) {
  gmem_kernel::install_from(environment);
}

}  // namespace
