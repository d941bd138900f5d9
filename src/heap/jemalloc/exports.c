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
GMEM_EXPORT(aligned_alloc)
GMEM_EXPORT(malloc_usable_size)

#endif
