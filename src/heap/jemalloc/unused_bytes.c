/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * How much memory waits to be given back, and giving it back at once:
 * gmem_je_unused_bytes and its like to the rest of libgmem.
 * scripts/build-jemalloc has jemalloc's tcache.c include this file, and the
 * looking over of the thread cache begin with gmem_tell_of_unused_bytes:
 * threads that allocate and those that free all come by there, at a moment
 * when they hold no lock of jemalloc's.
 */
static size_t
gmem_sum_of_pages(size_t (*pages_of)(arena_t *)) {
	size_t pages = 0;
	for (unsigned i = 0; i < narenas_total_get(); i++) {
		arena_t *arena = arena_get(TSDN_NULL, i, false);
		if (arena != NULL) {
			pages += pages_of(arena);
		}
	}
	return pages << LG_PAGE;
}

static size_t
gmem_dirty_pages(arena_t *arena) {
	return ecache_npages_get(&arena->pa_shard.pac.ecache_dirty);
}

static size_t
gmem_active_pages(arena_t *arena) {
	return pa_shard_nactive(&arena->pa_shard);
}

size_t
unused_bytes(void) {
	return gmem_sum_of_pages(gmem_dirty_pages);
}

/* In blocks, in slabs that have blocks, and in the threads' caches. */
size_t
active_bytes(void) {
	return gmem_sum_of_pages(gmem_active_pages);
}

/* What waits, without waiting any longer. */
void
give_unused_bytes_back(void) {
	tsdn_t *tsdn = tsdn_fetch();
	for (unsigned i = 0; i < narenas_total_get(); i++) {
		arena_t *arena = arena_get(tsdn, i, false);
		if (arena != NULL) {
			arena_decay(tsdn, arena, false, true);
		}
	}
}

static void
gmem_tell_of_unused_bytes(tsd_t *tsd) {
	gmem_cache_use_seen();
	size_t unused = unused_bytes();
	if (unused >= gmem_unused_bytes_to_tell) {
		gmem_unused_bytes_seen(unused, *tsd_thread_allocatedp_get(tsd),
		    *tsd_thread_deallocatedp_get(tsd));
	}
}
