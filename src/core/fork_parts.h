// SPDX-License-Identifier: MulanPSL-2.0
// What the library does around fork, in one order: each part of it takes what no
// other thread may be changing while the process is copied, and gives it back in
// parent and child.
//
// A signal handler may fork where its thread has a lock of the heap, and wait here
// for a part that another fork has, which waits for that lock.  So the heap, which
// is the last, waits for a time only; then all parts are given back, and taken
// anew.
#ifndef GMEM_CORE_FORK_PARTS_H
#define GMEM_CORE_FORK_PARTS_H

#include "core/device.h"

namespace gmem {

// In the order in which they prepare; they resume in the opposite one.
enum class ForkPlace {
  kDeviceMoves,  // to a device whose memory the kernel does not copy
  kDeviceStreams,
  kHostMoves,
  kStreams,
  kHeap,
};
inline constexpr int kForkPlaces = static_cast<int>(ForkPlace::kHeap) + 1;

struct ForkPart {
  // False: not within so many milliseconds, and nothing is taken.
  bool (*prepare)(int wait);
  void (*resume_parent)();
  void (*resume_child)();
};

// Parts are told in constructors of this priority, all of them before the first
// fork that they hear of.
#define GMEM_FORK_PART gnu::constructor(200)
void take_part_in_forks(ForkPlace place, const ForkPart& part);

// 0, or the negative errno for which the parts hear of no fork.
Error forks_are_heard_of();

}  // namespace gmem

#endif  // GMEM_CORE_FORK_PARTS_H
