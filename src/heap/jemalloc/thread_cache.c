/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * scripts/build-jemalloc has jemalloc.c include this file at its end, and
 * malloc turn to it where it turned to malloc_default.
 */

/* The fast path's steps for the classes that its table does not hold. */
void *
gmem_malloc_beyond_fastpath(size_t size) {
	tsd_t *tsd = tsd_get(false);
	if (size <= SC_LOOKUP_MAXCLASS || size > global_do_not_change_tcache_maxclass
	    || tsd == NULL) {
		return malloc_default(size);
	}
	szind_t ind = sz_size2index_compute(size);
	uint64_t allocated, threshold;
	te_malloc_fastpath_ctx(tsd, &allocated, &threshold);
	allocated += sz_index2size(ind);
	if (unlikely(allocated >= threshold)) {
		return malloc_default(size);
	}
	cache_bin_t *bin = &tsd_tcachep_get(tsd)->bins[ind];
	bool found;
	void *block = cache_bin_alloc(bin, &found);
	if (unlikely(!found)) {
		return malloc_default(size);
	}
	fastpath_success_finish(tsd, allocated, bin, block);
	return block;
}
