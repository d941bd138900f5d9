// SPDX-License-Identifier: MulanPSL-2.0
#include "host/node_policy.h"

#include <errno.h>
#include <numaif.h>

#include "host/nodes.h"

namespace gmem::host {
namespace {

constexpr unsigned long kWordBits = 8 * sizeof(unsigned long);
// The kernel counts one bit less than it is told.
constexpr unsigned long kMaskBits = kMaxNodes + 1;

Error policy_error() { return errno == ENOSYS ? -EPERM : -errno; }

}  // namespace

ScopedPreferredNode::ScopedPreferredNode(int node) {
  static_assert(kMaskWords * kWordBits == kMaxNodes);
  if (get_mempolicy(&found_mode_, found_nodes_, kMaskBits, nullptr, 0) != 0) {
    error_ = policy_error();
    return;
  }
  const auto bit = static_cast<unsigned long>(node);
  unsigned long nodes[kMaskWords] = {};
  nodes[bit / kWordBits] = 1UL << (bit % kWordBits);
  if (set_mempolicy(MPOL_PREFERRED, nodes, kMaskBits) != 0)
    error_ = policy_error();
}

ScopedPreferredNode::~ScopedPreferredNode() {
  if (error_ == 0) set_mempolicy(found_mode_, found_nodes_, kMaskBits);
}

}  // namespace gmem::host
