// SPDX-License-Identifier: MulanPSL-2.0
// jemalloc's settings in libgmem, read by it at its first allocation.
#include <gmem_jemalloc.h>

// retain   extents are not unmapped: the hooks rely on it, and address space
//          that is reused keeps its 2 MiB pages.
extern "C" const char* gmem_je_malloc_conf;
const char* gmem_je_malloc_conf = "retain:true";
