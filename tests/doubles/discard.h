// SPDX-License-Identifier: MulanPSL-2.0
// MADV_DONTNEED of GMEM: whole 2 MiB pages are given up, on the CPU and on
// the device.
#ifndef GMEM_TESTS_DOUBLES_DISCARD_H
#define GMEM_TESTS_DOUBLES_DISCARD_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

long discard(std::uintptr_t start, std::size_t size);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_DISCARD_H
