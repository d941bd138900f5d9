/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Who may touch a thread's cache: its thread at any time, without a lock, and
 * another one (idle_caches.c) while the thread sleeps.
 *
 * The thread says that it is at its cache by a plain store before it looks
 * whether it may take the fast way, and by another after it.  Who wants to empty
 * the cache first bars the fast way, then waits for a time in which any store
 * has long become visible to all, and then looks for the thread's word: either
 * the thread was not at its cache and finds the way barred when it comes, or its
 * word is seen.  So neither needs a fence or an atomic operation, and the
 * fast paths, which need to look at the bar in any case, pay for two stores.
 *
 * What bars the way is jemalloc's own: a state that is to be computed anew, and
 * thresholds of 0.  tsd.h includes this file.
 */
#ifndef GMEM_CACHE_USE_H
#define GMEM_CACHE_USE_H

/* The way was barred: waits until nobody else is at the cache, and opens it. */
void gmem_cache_take_back(tsd_t *tsd) __attribute__((visibility("hidden")));

/* For who looks at a threshold next. */
JEMALLOC_ALWAYS_INLINE void
gmem_cache_use_begins(tsd_t *tsd) {
	__atomic_store_n(tsd_gmem_cache_in_usep_get_unsafe(tsd), 1,
	    __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

JEMALLOC_ALWAYS_INLINE void
gmem_cache_use_ends(tsd_t *tsd) {
	__atomic_store_n(tsd_gmem_cache_in_usep_get_unsafe(tsd), 0,
	    __ATOMIC_RELEASE);
}

/* For who has looked at the state before, and may have waited since. */
JEMALLOC_ALWAYS_INLINE void
gmem_cache_use_begins_slowly(tsd_t *tsd) {
	gmem_cache_use_begins(tsd);
	if (unlikely(tsd_state_get(tsd) == tsd_state_nominal_recompute)) {
		gmem_cache_take_back(tsd);
	}
}

#endif /* GMEM_CACHE_USE_H */
