// SPDX-License-Identifier: MulanPSL-2.0
// The NUMA nodes that have memory and that the process's cpuset allows.
#ifndef GMEM_HOST_NODES_H
#define GMEM_HOST_NODES_H

#include <cstddef>

namespace gmem::host {

// Answered from a cache; the system is asked again where the cache says no,
// so that a node that came later is seen.
bool is_usable_node(int node);

// Where there is but one, no page can lie in a wrong place.
bool has_several_nodes();

// The fastest usable node that has no CPU, else the calling CPU's own, else
// the usable one nearest to it.
int preferred_node();

}  // namespace gmem::host

#endif  // GMEM_HOST_NODES_H
