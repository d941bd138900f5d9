/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * The members of the malloc family that jemalloc's functions are as they
 * stand.  scripts/build-jemalloc has jemalloc.c include this file at its end:
 * a second name for a function costs nothing, where a function that calls it
 * would make the shortest malloc some 8% slower.  src/malloc.cc has the other
 * members.
 */
#ifndef JEMALLOC_NO_PRIVATE_NAMESPACE	/* Not for jemalloc's list of names. */

#define GMEM_STRING(name) GMEM_STRING_EXPANDED(name)
#define GMEM_STRING_EXPANDED(name) #name
#define GMEM_EXPORT(name)						\
	extern __typeof(je_##name) gmem_export_##name __asm__(#name)	\
	    __attribute__((alias(GMEM_STRING(je_##name)),		\
	    visibility("default")));

GMEM_EXPORT(malloc)
GMEM_EXPORT(free)
GMEM_EXPORT(calloc)
GMEM_EXPORT(posix_memalign)
GMEM_EXPORT(malloc_usable_size)

/* To src/other_heap.cc: free as a name that no other library's takes the place
 * of, and whether an address is in this heap. */
extern __typeof(je_free) gmem_own_free
    __attribute__((alias(GMEM_STRING(je_free)), visibility("hidden")));

__attribute__((visibility("hidden"))) bool
gmem_heap_has(const void *address) {
	tsdn_t *tsdn = tsd_tsdn(tsd_fetch_min());
	EMAP_DECLARE_RTREE_CTX;
	rtree_contents_t found;
	return !rtree_read_independent(tsdn, &arena_emap_global.rtree,
	    rtree_ctx, (uintptr_t)address, &found) && found.edata != NULL;
}

#endif
