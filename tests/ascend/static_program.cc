// SPDX-License-Identifier: MulanPSL-2.0
// A program on a GMEM kernel (its double) that says whether the device can
// serve, or why not.  test_static_program.sh links and runs it.
#include <stdio.h>
#include <string.h>

#include "core/devices.h"
#include "doubles/gmem_kernel.h"

int main() {
  gmem_kernel::install(gmem_kernel::Options());
  for (gmem::Device* device : gmem::compiled_in_devices()) {
    if (strcmp(device->name(), "ascend") != 0) continue;
    const gmem::Availability found = device->probe();
    puts(found.error == 0 ? "can serve" : found.reason);
  }
}
