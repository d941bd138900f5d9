// SPDX-License-Identifier: MulanPSL-2.0
// jemalloc's settings in libgmem, read by it at its first allocation.
#include <gmem_jemalloc.h>

// retain            extents are not unmapped: the hooks rely on it, and
//                   address space that is reused keeps its 2 MiB pages.
// oversize_threshold  large blocks come from the arenas of all others: one
//                   of their own would give back each at once, to fetch it
//                   anew from the kernel for the next.
// slab_sizes        small blocks come in runs of 64 KiB: fewer runs to make.
// tcache_max        large blocks too are kept by the thread that freed them.
// tcache_gc_incr_bytes  how often the thread cache is looked over.
extern "C" const char* gmem_je_malloc_conf;
const char* gmem_je_malloc_conf =
    "retain:true,oversize_threshold:0,slab_sizes:1-4096:16,"
    "tcache_max:8388608,tcache_gc_incr_bytes:524288";
