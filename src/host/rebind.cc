// SPDX-License-Identifier: MulanPSL-2.0
#include "host/rebind.h"

#include "core/lock.h"
#include "core/vma_walk.h"
#include "host/migrate.h"
#include "host/node_mask.h"
#include "host/numa_calls.h"

namespace gmem::host {
namespace {

bool has_own_policy(std::uintptr_t address) {
  int mode = -1;
  return get_mempolicy(&mode, nullptr, 0, reinterpret_cast<void*>(address),
                       MPOL_F_ADDR) != 0 ||
         mode != MPOL_DEFAULT;
}

// For as long as the policy stands, what a writer faults in comes to lie on
// the node, too.
void rebind_part(const ByteRange& part, int node) {
  void* const begin = reinterpret_cast<void*>(part.begin());
  const NodeMask only(node);
  mbind(begin, part.size(), MPOL_PREFERRED, only.words, NodeMask::kBits,
        MPOL_MF_MOVE);
  // Even where that failed: it may have begun.
  mbind(begin, part.size(), MPOL_DEFAULT, nullptr, 0, 0);
}

}  // namespace

void rebind(const ByteRange& range, int node) {
  // Another thread's turn would look like a policy of the mapping's own.
  const Lock lock(moving_mutex());
  Mapping mapping;
  for (VmaWalk walk(range); walk.next(&mapping);) {
    const ByteRange part = range.clipped_to(mapping.bytes());
    if (mapping.private_anonymous() && !has_own_policy(part.begin()))
      rebind_part(part, node);
  }
}

}  // namespace gmem::host
