// SPDX-License-Identifier: MulanPSL-2.0
// Moves pages by way of their mappings' policies, where move_pages may not be
// called: containers that grant CAP_SYS_NICE, but no system call to that end.
#ifndef GMEM_HOST_REBIND_H
#define GMEM_HOST_REBIND_H

#include "core/page_range.h"

namespace gmem::host {

// Moves what it can of a mapped range to the node.  A mapping's own policy
// would be lost, so only private anonymous ones without any are done.
void rebind(const ByteRange& range, int node);

}  // namespace gmem::host

#endif  // GMEM_HOST_REBIND_H
