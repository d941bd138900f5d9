// SPDX-License-Identifier: MulanPSL-2.0
// How much memory is to be had before somebody is killed for it.
#ifndef GMEM_HOST_ROOM_H
#define GMEM_HOST_ROOM_H

#include <cstddef>

namespace gmem::host {

// Whether the node, and the memory cgroups that the process is in, can take
// this many further bytes, by what they have free and can drop at once.  Yes
// where the system does not say.
bool has_room(int node, std::size_t bytes);

// Whether the node cannot be counted on for even one more page.
bool is_nearly_full(int node);

}  // namespace gmem::host

#endif  // GMEM_HOST_ROOM_H
