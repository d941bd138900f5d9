// SPDX-License-Identifier: MulanPSL-2.0
// The machine on which test_calls runs: this one, or one with doubles.
#ifndef GMEM_TESTS_CONTRACT_CALLS_MACHINE_H
#define GMEM_TESTS_CONTRACT_CALLS_MACHINE_H

namespace contract {

// In the process of each test, before the library is first called.
void prepare_machine();

// The name of the device that serves there.
extern const char* const kServingDevice;

// What GMEM_ANY_NODE comes to there for memory that is partly resident: 0, or
// -ENOSYS where the rest might be on a device.
extern const int kTellsOfAnyNode;

}  // namespace contract

#endif  // GMEM_TESTS_CONTRACT_CALLS_MACHINE_H
