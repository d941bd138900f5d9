// SPDX-License-Identifier: MulanPSL-2.0
// What every device owes, as tests in groups.  Each group runs on every
// compiled-in device that can be used here.
#ifndef GMEM_TESTS_CONTRACT_CONTRACT_H
#define GMEM_TESTS_CONTRACT_CONTRACT_H

#include "core/device.h"
#include "support/check_main.h"

namespace contract {

// The device under test: tests are looped over those that can be used.
int usable_device_count();
gmem::Device& usable_device(int index);

// The node that the device prefers.
gmem::Hnid node_of(gmem::Device& device);

void add_test(TCase* group, const TTest* test);

TCase* prefetch_tests();
TCase* discard_tests();
TCase* resident_tests();
TCase* chunk_tests();
TCase* stream_tests();

}  // namespace contract

#endif  // GMEM_TESTS_CONTRACT_CONTRACT_H
