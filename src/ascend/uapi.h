// SPDX-License-Identifier: MulanPSL-2.0
// The interface of /dev/gmem and of peer-shared mappings, as openEuler's
// kernels 6.4 and 6.6 have it (include/uapi/linux/gmem_dev.h, mman-common.h).
// No distribution's kernel headers hold these.
#ifndef GMEM_ASCEND_UAPI_H
#define GMEM_ASCEND_UAPI_H

#include <sys/ioctl.h>

#include <cstddef>

namespace gmem::ascend {

inline constexpr char kDeviceFile[] = "/dev/gmem";

// The kernel writes through the pointer inside, not into the struct.
struct HnidArgument {
  int* hnid;
};
struct AdviseArgument {
  int hnid;
  unsigned long start;
  std::size_t size;
  int behavior;
};
static_assert(sizeof(HnidArgument) == 8 && sizeof(AdviseArgument) == 32 &&
                  offsetof(AdviseArgument, start) == 8 &&
                  offsetof(AdviseArgument, behavior) == 24,
              "the kernel serves 64-bit programs alone");

inline constexpr unsigned long kGetHnid = _IOW(0x55, 1, HnidArgument);
inline constexpr unsigned long kAdvise = _IOW(0x55, 2, AdviseArgument);
static_assert(kGetHnid == 0x40085501 && kAdvise == 0x40205502);

enum class Behavior : int { kDiscard = 4, kPrefetch = 0x1000 };

// Positive results of an ioctl: the kernel's own enum gm_ret leaks out.
namespace kernel_result {
inline constexpr int kNoMemory = 1;
inline constexpr int kMigrating = 4;
inline constexpr int kUnknown = 5;  // the range is not one peer mapping's
inline constexpr int kUnimplemented = 6;
}  // namespace kernel_result

// mmap's MAP_PEER_SHARED changed its value between the kernels.
inline constexpr int kPeerSharedOf6_4 = 0x8000000;
inline constexpr int kPeerSharedOf6_6 = 0x1000000;

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_UAPI_H
