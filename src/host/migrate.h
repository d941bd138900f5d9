// SPDX-License-Identifier: MulanPSL-2.0
// Moves pages that lie on another node.
#ifndef GMEM_HOST_MIGRATE_H
#define GMEM_HOST_MIGRATE_H

#include <pthread.h>

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::host {

// Makes the resident pages of a mapped range lie on the node; what is not
// resident is left alone.  Looks again afterwards, and tries again where
// pages were in use for a moment.  -ENOMEM: the node is full; -EBUSY: pages
// are pinned or shared with another process; -EPERM: forbidden by policy.
// In each case the rest has been moved.
Error migrate(const ByteRange& range, int node);

// Held while pages are moved: one thread at a time does.
pthread_mutex_t& moving_mutex();

}  // namespace gmem::host

#endif  // GMEM_HOST_MIGRATE_H
