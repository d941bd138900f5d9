// SPDX-License-Identifier: MulanPSL-2.0
// What every device owes, as tests in groups.  Each group runs on every
// compiled-in device that can be used here, in each situation that it knows.
#ifndef GMEM_TESTS_CONTRACT_CONTRACT_H
#define GMEM_TESTS_CONTRACT_CONTRACT_H

#include "core/device.h"
#include "support/check_main.h"

namespace contract {

// The device under test: tests are looped over those that can be used.
gmem::Device& usable_device(int index);

// The node that prefetches go to.
gmem::Hnid node_of(gmem::Device& device);

enum class Needs { kNothing, kConventional };
void add_test(TCase* group, const TTest* test, Needs needs = Needs::kNothing);

TCase* prefetch_tests();
TCase* discard_tests();
TCase* resident_tests();
TCase* chunk_tests();
TCase* stream_tests();

}  // namespace contract

#endif  // GMEM_TESTS_CONTRACT_CONTRACT_H
