/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * The thread cache for blocks beyond jemalloc's fast paths, which end at 4 KiB
 * for malloc and at 14 KiB for free.  scripts/build-jemalloc has jemalloc's
 * internal headers include this file.
 */
#ifndef GMEM_THREAD_CACHE_H
#define GMEM_THREAD_CACHE_H

#include "jemalloc/internal/emap.h"
#include "jemalloc/internal/tcache_externs.h"

/* What malloc does where its fast path does not serve. */
void *gmem_malloc_beyond_fastpath(size_t size)
    __attribute__((visibility("hidden")));

/* Whether free may put the block into its thread cache's bin unseen. */
JEMALLOC_ALWAYS_INLINE bool
gmem_has_cache_bin(const emap_alloc_ctx_t *block) {
	return block->slab
	    || (block->szind >= SC_NBINS && block->szind < global_do_not_change_tcache_nbins);
}

/*
 * How many large blocks of a class a thread keeps: jemalloc's number for the
 * smaller ones, and at most so many bytes of the others, but one of each.
 */
#define GMEM_LARGE_CACHE_BYTES ((size_t)1 << 20)

static inline unsigned
gmem_large_cache_slots(szind_t szind) {
	size_t slots = GMEM_LARGE_CACHE_BYTES / sz_index2size(szind);
	if (slots >= opt_tcache_nslots_large) {
		return opt_tcache_nslots_large;
	}
	return slots > 0 ? (unsigned)slots : 1;
}

#endif /* GMEM_THREAD_CACHE_H */
