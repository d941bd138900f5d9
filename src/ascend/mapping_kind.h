// SPDX-License-Identifier: MulanPSL-2.0
// What can be told of a mapping by its looks.
#ifndef GMEM_ASCEND_MAPPING_KIND_H
#define GMEM_ASCEND_MAPPING_KIND_H

#include "core/vma_walk.h"

namespace gmem::ascend {

// Whether the mapping can be peer-shared.  The kernel makes those private and
// anonymous, of whole 2 MiB pages; the flag itself is dear to ask for
// (vm_flags.h).
inline bool may_be_peer_shared(const Mapping& mapping) {
  return mapping.private_anonymous() &&
         mapping.begin == page_floor(mapping.begin) &&
         mapping.end == page_floor(mapping.end);
}

// Whether any memory of the range can be peer-shared.
inline bool may_hold_peer_shared(const ByteRange& range) {
  Mapping mapping;
  for (VmaWalk walk(range); walk.next(&mapping);)
    if (may_be_peer_shared(mapping)) return true;
  return false;
}

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_MAPPING_KIND_H
