// SPDX-License-Identifier: MulanPSL-2.0
// The hooks of jemalloc's own arenas, and the pattern for those of others.
#ifndef GMEM_HEAP_EXTENT_HOOKS_H
#define GMEM_HEAP_EXTENT_HOOKS_H

#include <gmem_jemalloc.h>

extern "C" const extent_hooks_t gmem_extent_hooks;

#endif  // GMEM_HEAP_EXTENT_HOOKS_H
