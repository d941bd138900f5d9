// SPDX-License-Identifier: MulanPSL-2.0
// A set of at most one node, in the form that the kernel's policy calls take.
#ifndef GMEM_HOST_NODE_MASK_H
#define GMEM_HOST_NODE_MASK_H

#include "core/device.h"

namespace gmem::host {

struct NodeMask {
  static constexpr unsigned long kWordBits = 8 * sizeof(unsigned long);
  // The kernel counts one bit less than it is told.
  static constexpr unsigned long kBits = kMostNodes + 1;

  constexpr NodeMask() = default;
  // Empty where there can be no such node.
  explicit constexpr NodeMask(int node) {
    if (node < 0 || node >= kMostNodes) return;
    const auto bit = static_cast<unsigned long>(node);
    words[bit / kWordBits] = 1UL << (bit % kWordBits);
  }

  unsigned long words[kMostNodes / kWordBits] = {};
};

}  // namespace gmem::host

#endif  // GMEM_HOST_NODE_MASK_H
