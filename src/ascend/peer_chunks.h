// SPDX-License-Identifier: MulanPSL-2.0
// Which memory of the heap's is peer-shared.  Added to by one thread at a
// time (the heap's lock sees to that); read by anyone, without a lock, so
// that a child of fork can.
#ifndef GMEM_ASCEND_PEER_CHUNKS_H
#define GMEM_ASCEND_PEER_CHUNKS_H

#include "core/page_range.h"

namespace gmem::ascend {

// False where there is no room for another one; chunks side by side are one.
bool add_peer_chunk(const PageRange& chunk);

bool has_peer_chunks();

// The lowest run of peer-shared chunk memory inside the pages; empty where
// there is none.
PageRange first_peer_run(const PageRange& pages);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_PEER_CHUNKS_H
