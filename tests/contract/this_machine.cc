// SPDX-License-Identifier: MulanPSL-2.0
#include "contract/calls_machine.h"

namespace contract {

const char* const kServingDevice = "host";
const int kTellsOfAnyNode = 0;

void prepare_machine() {}

}  // namespace contract
