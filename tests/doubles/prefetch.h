// SPDX-License-Identifier: MulanPSL-2.0
// MADV_PREFETCH, and with it MADV_PINNED and MADV_UNPINNED, which share its
// rules of ranges.
#ifndef GMEM_TESTS_DOUBLES_PREFETCH_H
#define GMEM_TESTS_DOUBLES_PREFETCH_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

enum class Pinning { kAsItIs, kPin, kUnpin };

long prefetch(int hnid, std::uintptr_t start, std::size_t size,
              Pinning pinning);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_PREFETCH_H
