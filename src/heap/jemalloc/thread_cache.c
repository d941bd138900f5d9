/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * scripts/build-jemalloc has jemalloc.c include this file at its end, and
 * malloc and free turn to it where they turned to the slow paths: were it a part
 * of theirs, they would save registers for it at each small block.
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
	gmem_cache_use_begins(tsd);
	te_malloc_fastpath_ctx(tsd, &allocated, &threshold);
	allocated += sz_index2size(ind);
	if (unlikely(allocated >= threshold)) {
		gmem_cache_use_ends(tsd);
		return malloc_default(size);
	}
	cache_bin_t *bin = &tsd_tcachep_get(tsd)->bins[ind];
	bool found;
	void *block = cache_bin_alloc(bin, &found);
	if (unlikely(!found)) {
		gmem_cache_use_ends(tsd);
		return malloc_default(size);
	}
	fastpath_success_finish(tsd, allocated, bin, block);
	return block;
}

void
gmem_free_large(tsd_t *tsd, void *block, szind_t szind) {
	uint64_t deallocated, threshold;
	gmem_cache_use_begins(tsd);
	te_free_fastpath_ctx(tsd, &deallocated, &threshold);
	deallocated += sz_index2size(szind);
	cache_bin_t *bin = &tsd_tcachep_get(tsd)->bins[szind];
	if (unlikely(deallocated >= threshold
	    || !gmem_large_is_sound(tsd, bin, block)
	    || !cache_bin_dalloc_easy(bin, block))) {
		gmem_cache_use_ends(tsd);
		free_default(block);
		return;
	}
	*tsd_thread_deallocatedp_get(tsd) = deallocated;
	gmem_cache_use_ends(tsd);
}
