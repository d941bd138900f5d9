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

/* What free does with a large block of which it knows the class. */
void gmem_free_large(tsd_t *tsd, void *block, szind_t szind)
    __attribute__((visibility("hidden")));

/* Whether a large block's class has a bin in the thread caches. */
JEMALLOC_ALWAYS_INLINE bool
gmem_has_large_bin(const emap_alloc_ctx_t *block) {
	return block->szind >= SC_NBINS
	    && block->szind < global_do_not_change_tcache_nbins;
}

/*
 * How many large blocks of a class a thread keeps at most: jemalloc's number for
 * the smaller ones, and so many bytes of the others, but one of each.
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

/* What a thread's cache may hold of large blocks (cache_budget.c), in bytes. */
typedef struct {
	size_t taken;		/* Of what all caches together may hold. */
	size_t given;		/* Of that, to the bins. */
	szind_t next_class;	/* The next one to take from. */
} gmem_cache_budget_t;

gmem_cache_budget_t *gmem_cache_budget(tsd_t *tsd)
    __attribute__((visibility("hidden")));
void gmem_cache_empty(tsd_t *self, tsd_t *tsd)
    __attribute__((visibility("hidden")));
bool gmem_cache_give_up(tsdn_t *tsdn, arena_t *arena, size_t size)
    __attribute__((visibility("hidden")));
bool gmem_cache_make_room(tsd_t *tsd, tcache_t *tcache, szind_t szind)
    __attribute__((visibility("hidden")));

#endif /* GMEM_THREAD_CACHE_H */
