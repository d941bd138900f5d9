// SPDX-License-Identifier: MulanPSL-2.0
// Where peer-shared mappings lie: a window of addresses that nothing else
// uses, so that the upper half of an address tells what it belongs to.
#ifndef GMEM_TESTS_DOUBLES_WINDOW_H
#define GMEM_TESTS_DOUBLES_WINDOW_H

#include <cstddef>
#include <cstdint>

#include "doubles/gmem_abi.h"

namespace gmem_kernel {

inline constexpr std::uintptr_t kWindowBegin = 0x200000000000;
inline constexpr std::uintptr_t kWindowEnd = 0x300000000000;
inline constexpr std::size_t kWindowPages =
    (kWindowEnd - kWindowBegin) / kPageSize;

constexpr bool in_window(std::uintptr_t address) {
  return address >= kWindowBegin && address < kWindowEnd;
}

// The part of [begin, end) that lies in the window; may be empty.
struct Span {
  std::uintptr_t begin;
  std::uintptr_t end;
};
constexpr Span clip_to_window(std::uintptr_t begin, std::uintptr_t end) {
  if (begin < kWindowBegin) begin = kWindowBegin;
  if (end > kWindowEnd) end = kWindowEnd;
  return {begin, end < begin ? begin : end};
}

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_WINDOW_H
