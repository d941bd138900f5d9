// SPDX-License-Identifier: MulanPSL-2.0
// The calls that came, and the failures that were ordered.
#ifndef GMEM_TESTS_DOUBLES_CALL_LOG_H
#define GMEM_TESTS_DOUBLES_CALL_LOG_H

#include <cstdint>

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {

void record_call(const Call& call);

// The result that was ordered for this call; 0: none.
int ordered_failure(Request request);
// With the lock held.
bool take_ordered_page_failure(std::uintptr_t page);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_CALL_LOG_H
