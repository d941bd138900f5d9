// SPDX-License-Identifier: MulanPSL-2.0
// What a real kernel would not have survived, counted over a process and its
// children.
#ifndef GMEM_TESTS_DOUBLES_VIOLATIONS_H
#define GMEM_TESTS_DOUBLES_VIOLATIONS_H

#include <cstddef>

namespace gmem_kernel {

void make_violation_count();
void violation(const char* what);
std::size_t violation_count();

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_VIOLATIONS_H
