/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * How much memory waits to be given back, gmem_je_unused_bytes to the rest of
 * libgmem.  scripts/build-jemalloc has jemalloc's tcache.c include this file,
 * and the looking over of the thread cache end with gmem_tell_of_unused_bytes:
 * threads that allocate and those that free all come by there, at a moment
 * when anything may be done.
 */
size_t
unused_bytes(void) {
	size_t pages = 0;
	for (unsigned i = 0; i < narenas_total_get(); i++) {
		arena_t *arena = arena_get(TSDN_NULL, i, false);
		if (arena != NULL) {
			pages += ecache_npages_get(
			    &arena->pa_shard.pac.ecache_dirty);
		}
	}
	return pages << LG_PAGE;
}

static void
gmem_tell_of_unused_bytes(tsd_t *tsd) {
	/* Not each time: there are as many arenas to ask as there are bins. */
	if (tsd_tcache_slowp_get(tsd)->next_gc_bin % 8 != 0
	    || unused_bytes() < gmem_unused_bytes_to_tell) {
		return;
	}
	/* What is called may allocate, if only by starting a thread. */
	pre_reentrancy(tsd, NULL);
	gmem_unused_bytes_seen();
	post_reentrancy(tsd);
}
