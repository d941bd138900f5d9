// SPDX-License-Identifier: MulanPSL-2.0
// A machine with an Ascend card, as far as doubles go: the kernel's is in
// tests/doubles, the runtime's in tests/doubles/ascendcl.  One for the process
// of each test.
#ifndef GMEM_TESTS_ASCEND_MACHINE_H
#define GMEM_TESTS_ASCEND_MACHINE_H

#include <string.h>

#include <stdexcept>

#include "ascend/loaded_runtime.h"
#include "core/devices.h"
#include "doubles/gmem_kernel.h"

namespace ascend {

inline gmem::Device& device() {
  for (gmem::Device* device : gmem::compiled_in_devices())
    if (strcmp(device->name(), "ascend") == 0) return *device;
  throw std::runtime_error("the device is not compiled in");
}

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
