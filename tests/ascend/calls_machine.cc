// SPDX-License-Identifier: MulanPSL-2.0
// test_calls.sh puts the kernel's double under the program, and has it work on
// an ordinary node: what the calls promise of conventional memory holds where a
// device is attached as anywhere.
#include "contract/calls_machine.h"

#include <errno.h>

#include "ascend/loaded_runtime.h"

namespace contract {

const char* const kServingDevice = "ascend";
const int kTellsOfAnyNode = -ENOSYS;

void prepare_machine() {
  static const ascend::LoadedRuntime runtime(ascend::kFull);
  runtime.set_device();
}

}  // namespace contract
