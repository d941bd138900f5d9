// SPDX-License-Identifier: MulanPSL-2.0
// The interface of a kernel with GMEM, written down a second time so that a
// slip in the library's own copy is found.
#ifndef GMEM_TESTS_DOUBLES_GMEM_ABI_H
#define GMEM_TESTS_DOUBLES_GMEM_ABI_H

#include <cstddef>
#include <cstdint>

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {

inline constexpr char kDevicePath[] = "/dev/gmem";
inline constexpr unsigned kIoctlMagic = 0x55;
inline constexpr unsigned kGetHnidRequest = 0x40085501;
inline constexpr unsigned kMadviseRequest = 0x40205502;

struct HnidArgument {
  int* hnid;
};
struct MadviseArgument {
  int hnid;
  unsigned long start;
  std::size_t size;
  int behavior;
};
static_assert(sizeof(HnidArgument) == 8, "as in the request's number");
static_assert(sizeof(MadviseArgument) == 32, "as in the request's number");
static_assert(offsetof(MadviseArgument, start) == 8 &&
                  offsetof(MadviseArgument, size) == 16 &&
                  offsetof(MadviseArgument, behavior) == 24,
              "as in the kernel");

inline constexpr int kMadvDontneed = 4;
inline constexpr int kMadvPrefetch = 0x1000;
inline constexpr int kMadvPinned = 0x1001;
inline constexpr int kMadvUnpinned = 0x1002;

inline constexpr int kNoNode = -1;
inline constexpr int kMaxNumnodes = 1024;

// Internal results that leak out of ioctl, positive.
inline constexpr int kRetUnknown = 5;

inline constexpr std::size_t kPageSize = std::size_t{2} << 20;

constexpr int peer_shared_flag(Generation generation) {
  return generation == Generation::k6_4 ? 0x8000000 : 0x1000000;
}

constexpr std::uintptr_t page_down(std::uintptr_t address) {
  return address & ~(kPageSize - 1);
}
// Wraps to 0 in the topmost page, as in the kernel.
constexpr std::uintptr_t page_up(std::uintptr_t address) {
  return page_down(address + kPageSize - 1);
}

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_GMEM_ABI_H
