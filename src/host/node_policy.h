// SPDX-License-Identifier: MulanPSL-2.0
// The memory policy of the calling thread, lent to one node for a scope.
#ifndef GMEM_HOST_NODE_POLICY_H
#define GMEM_HOST_NODE_POLICY_H

#include "core/device.h"
#include "host/node_mask.h"

namespace gmem::host {

// New pages are taken from the node as long as it has any, and threads
// started within the scope inherit that.  It prefers and never binds: a bound
// thread that finds the node full wakes the OOM killer.  The mappings' own
// policies stand above it.
class ScopedPreferredNode {
 public:
  explicit ScopedPreferredNode(int node);
  ~ScopedPreferredNode();
  ScopedPreferredNode(const ScopedPreferredNode&) = delete;
  ScopedPreferredNode& operator=(const ScopedPreferredNode&) = delete;

  // 0, or why the policy is as it was: -EPERM where seccomp forbids it,
  // -EINVAL where the cpuset has lost the node.
  Error error() const { return error_; }

 private:
  Error error_ = 0;
  int found_mode_ = 0;
  NodeMask found_nodes_;
};

}  // namespace gmem::host

#endif  // GMEM_HOST_NODE_POLICY_H
