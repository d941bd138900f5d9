// SPDX-License-Identifier: MulanPSL-2.0
// Preloaded, the double is the kernel of an unchanged program.
#include <stdlib.h>

#include "doubles/environment.h"

namespace {

[[gnu::constructor]] void install() {
  if (const char* const text = getenv(gmem_kernel::kVariable))
    gmem_kernel::install_as_told(text);
}

}  // namespace
