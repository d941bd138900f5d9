/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * How many bytes of large blocks the threads' caches may hold, each and all of
 * them together.  A large class's bin has room for as many blocks as it has
 * been given; room is given where a block is freed that finds none, and taken
 * from other classes where the thread has no more to give.  So the fast paths
 * count nothing.  scripts/build-jemalloc has jemalloc's tcache.c include this
 * file.
 */

/* A thread takes its part of what all may have by so much at a time. */
#define GMEM_CACHE_BUDGET_STEP ((size_t)1 << 20)
/* Two of the largest blocks that are cached at all. */
#define GMEM_CACHE_BUDGET_OF_THREAD ((size_t)2 << TCACHE_LG_MAXCLASS_LIMIT)

static void tcache_flush_cache(tsd_t *tsd, tcache_t *tcache);

static atomic_zu_t gmem_cache_budget_taken = ATOMIC_INIT(0);

/* More processors, more threads at work at a time. */
static size_t
gmem_cache_budget_of_all(void) {
	return GMEM_CACHE_BUDGET_OF_THREAD
	    + GMEM_CACHE_BUDGET_OF_THREAD / 2 * ncpus;
}

/* So much, or a little more, or what is left; or nothing. */
static void
gmem_cache_budget_take(gmem_cache_budget_t *budget, size_t bytes) {
	size_t left = GMEM_CACHE_BUDGET_OF_THREAD - budget->taken;
	if (bytes < GMEM_CACHE_BUDGET_STEP) {
		bytes = GMEM_CACHE_BUDGET_STEP;
	}
	if (bytes > left) {
		bytes = left;
	}
	size_t before = atomic_fetch_add_zu(&gmem_cache_budget_taken, bytes,
	    ATOMIC_RELAXED);
	if (before + bytes > gmem_cache_budget_of_all()) {
		atomic_fetch_sub_zu(&gmem_cache_budget_taken, bytes,
		    ATOMIC_RELAXED);
		return;
	}
	budget->taken += bytes;
}

static size_t
gmem_cache_bin_room(const cache_bin_t *bin) {
	return (cache_bin_sz_t)(bin->low_bits_empty - bin->low_bits_full)
	    / sizeof(void *);
}

static void
gmem_cache_bin_set_room(cache_bin_t *bin, size_t blocks) {
	bin->low_bits_full = (cache_bin_sz_t)(bin->low_bits_empty
	    - blocks * sizeof(void *));
}

/* Takes as much from a class as is wanted, or all that it has. */
static size_t
gmem_cache_bin_shrink(tsd_t *tsd, tcache_t *tcache, szind_t szind,
    size_t wanted) {
	cache_bin_t *bin = &tcache->bins[szind];
	size_t room = gmem_cache_bin_room(bin);
	size_t size = sz_index2size(szind);
	size_t blocks = (wanted + size - 1) / size;
	if (blocks > room) {
		blocks = room;
	}
	if (cache_bin_ncached_get_local(bin) > room - blocks) {
		tcache_bin_flush_large(tsd, tcache, bin, szind,
		    (unsigned)(room - blocks));
	}
	gmem_cache_bin_set_room(bin, room - blocks);
	return blocks * size;
}

/* From the other classes, each in its turn, until so much is free. */
static bool
gmem_cache_budget_move(tsd_t *tsd, tcache_t *tcache, szind_t to, size_t bytes) {
	gmem_cache_budget_t *budget = gmem_cache_budget(tsd);
	if (bytes > budget->taken) {
		return false;
	}
	szind_t nbins = tcache_nbins_get(tcache->tcache_slow);
	for (szind_t i = SC_NBINS; i < nbins; i++) {
		if (budget->given + bytes <= budget->taken) {
			return true;
		}
		if (budget->next_class < SC_NBINS
		    || budget->next_class >= nbins) {
			budget->next_class = SC_NBINS;
		}
		szind_t from = budget->next_class++;
		if (from != to) {
			budget->given -= gmem_cache_bin_shrink(tsd, tcache, from,
			    budget->given + bytes - budget->taken);
		}
	}
	return budget->given + bytes <= budget->taken;
}

/* For one more block in a full bin of a large class; false: there is none. */
bool
gmem_cache_make_room(tsd_t *tsd, tcache_t *tcache, szind_t szind) {
	if (tcache != tsd_tcachep_get(tsd)) {
		return false;
	}
	cache_bin_t *bin = &tcache->bins[szind];
	size_t most = cache_bin_ncached_max_get(bin);
	size_t room = gmem_cache_bin_room(bin);
	if (room == most) {
		tcache_bin_flush_large(tsd, tcache, bin, szind,
		    (unsigned)(most >> opt_lg_tcache_flush_large_div));
		return true;
	}
	gmem_cache_budget_t *budget = gmem_cache_budget(tsd);
	size_t size = sz_index2size(szind);
	if (budget->given + size > budget->taken) {
		gmem_cache_budget_take(budget,
		    budget->given + size - budget->taken);
	}
	if (!gmem_cache_budget_move(tsd, tcache, szind, size)) {
		return false;
	}
	budget->given += size;
	gmem_cache_bin_set_room(bin, room + 1);
	return true;
}

/* The cache holds nothing large, and nothing is kept for it. */
static void
gmem_cache_give_budget_back(tsd_t *tsd, tcache_t *tcache) {
	gmem_cache_budget_t *budget = gmem_cache_budget(tsd);
	szind_t nbins = tcache_nbins_get(tcache->tcache_slow);
	for (szind_t i = SC_NBINS; i < nbins; i++) {
		gmem_cache_bin_set_room(&tcache->bins[i], 0);
	}
	atomic_fetch_sub_zu(&gmem_cache_budget_taken, budget->taken,
	    ATOMIC_RELAXED);
	budget->taken = budget->given = 0;
}

/* For idle_caches.c: the caller has the thread's cache for itself. */
void
gmem_cache_empty(tsd_t *self, tsd_t *tsd) {
	if (*tsd_tcache_enabledp_get_unsafe(tsd)) {
		tcache_t *tcache = tsd_tcachep_get_unsafe(tsd);
		tcache_flush_cache(self, tcache);
		gmem_cache_give_budget_back(tsd, tcache);
	}
}

/*
 * Where there is no memory for a large block: empties the thread's cache, which
 * keeps what has been freed beside it from becoming one; true if that may do.
 */
bool
gmem_cache_give_up(tsdn_t *tsdn, arena_t *arena, size_t size) {
	pac_t *pac = &arena->pa_shard.pac;
	size_t pages = pa_shard_nactive(&arena->pa_shard)
	    + ecache_npages_get(&pac->ecache_dirty)
	    + ecache_npages_get(&pac->ecache_retained);
	if (tsdn_null(tsdn) || (pages << LG_PAGE) < size
	    || !tcache_available(tsdn_tsd(tsdn))) {
		return false;
	}
	tsd_t *tsd = tsdn_tsd(tsdn);
	uint8_t *in_use = tsd_gmem_cache_in_usep_get_unsafe(tsd);
	uint8_t was_in_use = *in_use;
	gmem_cache_use_begins_slowly(tsd);
	tcache_flush_cache(tsd, tsd_tcachep_get(tsd));
	gmem_cache_give_budget_back(tsd, tsd_tcachep_get(tsd));
	if (!was_in_use) {
		gmem_cache_use_ends(tsd);
	}
	return true;
}
