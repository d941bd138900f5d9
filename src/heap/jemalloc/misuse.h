/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * The tests of what a caller hands back.  scripts/build-jemalloc has jemalloc's
 * internal headers include this file, and its calls beyond the fast paths ask
 * here first; with conf check:on, free has no fast path.
 */
#ifndef GMEM_MISUSE_H
#define GMEM_MISUSE_H

/* How many of the newest blocks in a cache are looked at in any case. */
#define GMEM_MISUSE_NEWEST 8

JEMALLOC_ALWAYS_INLINE bool
gmem_starts_block(const edata_t *edata, const rtree_metadata_t *metadata,
    const void *ptr) {
	size_t offset = (uintptr_t)ptr - (uintptr_t)edata_addr_get(edata);
	if (!metadata->slab) {
		return offset == 0;
	}
	/* The quotient is right only where nothing remains: good enough here. */
	return offset < edata_size_get(edata)
	    && div_compute(&arena_binind_div_info[metadata->szind], offset)
	    * bin_infos[metadata->szind].reg_size == offset;
}

/* The address space need not be the heap's: no lookup that relies on it. */
JEMALLOC_ALWAYS_INLINE bool
gmem_find_block(tsdn_t *tsdn, const void *ptr, rtree_contents_t *block) {
	EMAP_DECLARE_RTREE_CTX;
	return !rtree_read_independent(tsdn, &arena_emap_global.rtree,
	    rtree_ctx, (uintptr_t)ptr, block)
	    && block->edata != NULL
	    && block->metadata.state == extent_state_active
	    && gmem_starts_block(block->edata, &block->metadata, ptr);
}

JEMALLOC_ALWAYS_INLINE bool
gmem_is_among(void **blocks, size_t count, const void *ptr) {
	for (size_t i = 0; i < count; i++) {
		if (blocks[i] == ptr) {
			return true;
		}
	}
	return false;
}

/* What a freed block begins with; a block in use may by chance. */
JEMALLOC_ALWAYS_INLINE uintptr_t
gmem_freed_mark(const void *ptr) {
	return gmem_misuse_secret ^ (uintptr_t)ptr;
}

/*
 * Whether the block waits in the thread's cache or is free in its slab.  The
 * slab's bit is the caller's own as long as the block is, so no lock.
 */
JEMALLOC_ALWAYS_INLINE bool
gmem_is_free(tsd_t *tsd, const rtree_contents_t *block, void *ptr) {
	szind_t szind = block->metadata.szind;
	bool slab = block->metadata.slab;
	if (slab && !gmem_checks) {
		return false;
	}
	bool marked = slab && *(uintptr_t *)ptr == gmem_freed_mark(ptr);
	if (tsd != NULL && szind < global_do_not_change_tcache_nbins && tsd_tcache_enabled_get(tsd)) {
		cache_bin_t *bin = &tsd_tcachep_get(tsd)->bins[szind];
		size_t cached = cache_bin_ncached_get_local(bin);
		if (slab && !marked && cached > GMEM_MISUSE_NEWEST) {
			cached = GMEM_MISUSE_NEWEST;
		}
		if (gmem_is_among(bin->stack_head, cached, ptr)) {
			return true;
		}
	}
	if (!marked) {
		return false;
	}
	size_t offset = (uintptr_t)ptr - (uintptr_t)edata_addr_get(block->edata);
	return !bitmap_get(edata_slab_data_get(block->edata)->bitmap,
	    &bin_infos[szind].bitmap_info,
	    div_compute(&arena_binind_div_info[szind], offset));
}

/* For realloc and malloc_usable_size; free asks more. */
JEMALLOC_ALWAYS_INLINE void
gmem_check_block(const char *call, void *ptr) {
	tsd_t *tsd = tsd_fetch_min();
	rtree_contents_t block;
	if (unlikely(!gmem_find_block(tsd_tsdn(tsd), ptr, &block))) {
		gmem_misuse(call, ptr, "not a block of this heap");
	}
	if (unlikely(gmem_is_free(tsd, &block, ptr))) {
		gmem_misuse(call, ptr, "already freed");
	}
}

JEMALLOC_ALWAYS_INLINE szind_t
gmem_check_free(tsd_t *tsd, const char *call, void *ptr) {
	rtree_contents_t block;
	if (unlikely(!gmem_find_block(tsd_tsdn(tsd), ptr, &block))) {
		gmem_misuse(call, ptr, "not a block of this heap");
	}
	if (unlikely(gmem_is_free(tsd, &block, ptr))) {
		gmem_misuse(call, ptr, "freed twice");
	}
	return block.metadata.szind;
}

/* Last: a block whose size is wrong is left as it is for who debugs it. */
JEMALLOC_ALWAYS_INLINE void
gmem_mark_freed(void *ptr, szind_t szind) {
	if (gmem_checks && szind < SC_NBINS) {
		*(uintptr_t *)ptr = gmem_freed_mark(ptr);
	}
}

/* usize: what the caller's size comes to. */
JEMALLOC_ALWAYS_INLINE void
gmem_check_sized_free(tsd_t *tsd, void *ptr, size_t size, size_t usize) {
	szind_t szind = gmem_check_free(tsd, "free_sized", ptr);
	if (unlikely(sz_index2size(szind) != usize)) {
		gmem_size_misuse(ptr, size, sz_index2size(szind));
	}
	gmem_mark_freed(ptr, szind);
}

/*
 * What free's fast path asks about a block that is none of a slab's, and whose
 * class has this bin.  Any answer but yes sends it to the slow one, which tells
 * what is wrong.
 */
JEMALLOC_ALWAYS_INLINE bool
gmem_large_is_sound(tsd_t *tsd, cache_bin_t *bin, const void *ptr) {
	rtree_contents_t block;
	return !rtree_read_independent(tsd_tsdn(tsd), &arena_emap_global.rtree,
	        tsd_rtree_ctx(tsd), (uintptr_t)ptr, &block)
	    && block.edata != NULL
	    && block.metadata.state == extent_state_active
	    && edata_addr_get(block.edata) == ptr
	    && !gmem_is_among(bin->stack_head,
	        cache_bin_ncached_get_local(bin), ptr);
}

/*
 * Before blocks leave the cache for their slabs: what the call that freed them
 * could not see, since another thread kept the block then.
 */
JEMALLOC_ALWAYS_INLINE void
gmem_check_flush(void **blocks, szind_t binind, size_t count,
    const emap_batch_lookup_result_t *found) {
	for (size_t i = 0; i < count; i++) {
		edata_t *edata = found[i].edata;
		if (edata == NULL || edata_szind_get(edata) != binind
		    || (edata_slab_get(edata) && !bitmap_get(
		    edata_slab_data_get(edata)->bitmap,
		    &bin_infos[binind].bitmap_info,
		    div_compute(&arena_binind_div_info[binind],
		    (uintptr_t)blocks[i] - (uintptr_t)edata_addr_get(edata))))) {
			gmem_misuse("free", blocks[i], "freed twice");
		}
	}
}

#endif /* GMEM_MISUSE_H */
