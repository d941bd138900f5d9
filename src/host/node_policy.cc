// SPDX-License-Identifier: MulanPSL-2.0
#include "host/node_policy.h"

#include <errno.h>

#include "host/numa_calls.h"

namespace gmem::host {
namespace {

Error policy_error() { return errno == ENOSYS ? -EPERM : -errno; }

}  // namespace

ScopedPreferredNode::ScopedPreferredNode(int node) {
  if (get_mempolicy(&found_mode_, found_nodes_.words, NodeMask::kBits, nullptr,
                    0) != 0) {
    error_ = policy_error();
    return;
  }
  const NodeMask only(node);
  if (set_mempolicy(MPOL_PREFERRED, only.words, NodeMask::kBits) != 0)
    error_ = policy_error();
}

ScopedPreferredNode::~ScopedPreferredNode() {
  if (error_ == 0)
    set_mempolicy(found_mode_, found_nodes_.words, NodeMask::kBits);
}

}  // namespace gmem::host
