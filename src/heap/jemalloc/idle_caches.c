/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Empties the caches of threads that sleep: gmem_je_empty_idle_caches and
 * gmem_je_caches_in_use to the rest of libgmem, which calls them from one thread
 * of its own now and then.
 * cache_use.h has how it and the cache's thread keep out of each other's way.
 * scripts/build-jemalloc has jemalloc's tsd.c include this file at its end, for
 * its list of threads and the lock of that list, under which all is done here.
 */

/* In this time a thread's stores become visible to all others. */
#define GMEM_STORES_ARE_SEEN_NS (UINT64_C(50) * 1000 * 1000)

/* Threads that start or end wait while so many caches are emptied. */
#define GMEM_CACHES_AT_A_TIME 8

static nstime_t gmem_caches_barred_at;

/*
 * The caller's state: without a cache, or an arena of its own, which the heap's
 * thread has no use for.
 */
static tsd_t *
gmem_own_state(void) {
	tsd_t *self = tsd_fetch_min();
	if (self != NULL
	    && tsd_state_get(self) == tsd_state_minimal_initialized) {
		tsd_state_set(self, tsd_state_reincarnated);
	}
	return self;
}

/* A cache is emptied under the lock. */
void
gmem_cache_take_back(tsd_t *tsd) {
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	tsd_slow_update(tsd);
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
}

static bool
gmem_way_is_barred(tsd_t *tsd) {
	return tsd_atomic_load(&tsd->state, ATOMIC_RELAXED)
	    == tsd_state_nominal_recompute;
}

static void
gmem_bar_way(tsd_t *tsd) {
	tsd_atomic_store(&tsd->state, tsd_state_nominal_recompute,
	    ATOMIC_RELAXED);
	/* As tsd_force_recompute does, and for its reason. */
	atomic_fence(ATOMIC_SEQ_CST);
	te_next_event_fast_set_non_nominal(tsd);
}

static bool
gmem_cache_is_in_use(tsd_t *tsd) {
	return __atomic_load_n(tsd_gmem_cache_in_usep_get_unsafe(tsd),
	    __ATOMIC_ACQUIRE) != 0;
}

/* Its thread has not come to it since it was emptied. */
static bool
gmem_cache_is_known_empty(tsd_t *tsd) {
	return gmem_way_is_barred(tsd)
	    && *tsd_gmem_cache_is_emptyp_get_unsafe(tsd);
}

/* How many were emptied, at most as many as are at a time. */
static unsigned
gmem_empty_barred_caches(tsd_t *self) {
	unsigned emptied = 0;
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	tsd_t *tsd;
	ql_foreach (tsd, &tsd_nominal_tsds, TSD_MANGLE(tsd_link)) {
		if (tsd == self || !gmem_way_is_barred(tsd)
		    || gmem_cache_is_known_empty(tsd)
		    || gmem_cache_is_in_use(tsd)) {
			continue;
		}
		if (emptied == GMEM_CACHES_AT_A_TIME) {
			break;
		}
		gmem_cache_empty(self, tsd);
		*tsd_gmem_cache_is_emptyp_get_unsafe(tsd) = 1;
		emptied++;
	}
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
	return emptied;
}

static void
gmem_bar_ways(tsd_t *self) {
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	tsd_t *tsd;
	ql_foreach (tsd, &tsd_nominal_tsds, TSD_MANGLE(tsd_link)) {
		if (tsd != self && !gmem_cache_is_known_empty(tsd)) {
			*tsd_gmem_cache_is_emptyp_get_unsafe(tsd) = 0;
			gmem_bar_way(tsd);
		}
	}
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
}

/* Whether a thread but the caller's has come to its cache since it was emptied. */
bool
caches_in_use(void) {
	tsd_t *self = gmem_own_state();
	bool some = false;
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	tsd_t *tsd;
	ql_foreach (tsd, &tsd_nominal_tsds, TSD_MANGLE(tsd_link)) {
		some = some || (tsd != self && !gmem_cache_is_known_empty(tsd));
	}
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
	return some;
}

/*
 * Empties the caches of the threads that have not come to theirs since the last
 * call.
 */
void
empty_idle_caches(void) {
	tsd_t *self = gmem_own_state();
	nstime_t now = NSTIME_ZERO_INITIALIZER;
	nstime_update(&now);
	if (self == NULL || nstime_ns(&now) - nstime_ns(&gmem_caches_barred_at)
	    < GMEM_STORES_ARE_SEEN_NS) {
		return;
	}
	while (gmem_empty_barred_caches(self) == GMEM_CACHES_AT_A_TIME) {
	}
	gmem_bar_ways(self);
	nstime_update(&gmem_caches_barred_at);
}
