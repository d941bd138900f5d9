/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * The calls of a thread that has no state (tsd_thread.c): without a cache, from
 * the first arena, which is always there, unless an arena is named.
 * scripts/build-jemalloc has jemalloc.c include this file before the calls.
 */

static arena_t *
gmem_stateless_arena(unsigned ind) {
	return arena_get(TSDN_NULL, ind == ARENA_IND_AUTOMATIC ? 0 : ind, true);
}

static void *
gmem_stateless_alloc(size_t size, size_t usize, szind_t ind, size_t alignment,
    bool zero, arena_t *arena) {
	if (arena == NULL) {
		return NULL;
	}
	if (alignment != 0) {
		return ipallocztm(TSDN_NULL, usize, alignment, zero, NULL,
		    false, arena);
	}
	return iallocztm(TSDN_NULL, size, ind, zero, NULL, false, arena, true);
}

/* What imalloc does. */
static int
gmem_stateless_imalloc(const static_opts_t *sopts, dynamic_opts_t *dopts) {
	size_t size, usize;
	szind_t ind = 0;
	void *block = NULL;
	int error = ENOMEM;

	if (compute_size_with_overflow(sopts->may_overflow, dopts, &size)) {
		goto done;
	}
	if (dopts->alignment < sopts->min_alignment
	    || (dopts->alignment & (dopts->alignment - 1)) != 0) {
		error = EINVAL;
		goto done;
	}
	if (!aligned_usize_get(size, dopts->alignment, &usize, &ind,
	    sopts->bump_empty_aligned_alloc)) {
		dopts->usize = usize;
		block = gmem_stateless_alloc(size, usize, ind,
		    dopts->alignment, dopts->zero,
		    gmem_stateless_arena(dopts->arena_ind));
	}
done:
	if (block != NULL) {
		*dopts->result = block;
		return 0;
	}
	if (sopts->set_errno_on_error) {
		set_errno(error);
	}
	if (sopts->null_out_result_on_error) {
		*dopts->result = NULL;
	}
	return error;
}

static void
gmem_stateless_free(void *ptr) {
	gmem_mark_freed(ptr, gmem_check_free(NULL, "free", ptr));
	idalloctm(TSDN_NULL, ptr, NULL, NULL, false, true);
}

static void
gmem_stateless_sized_free(void *ptr, size_t size, size_t usize) {
	gmem_check_sized_free(NULL, ptr, size, usize);
	idalloctm(TSDN_NULL, ptr, NULL, NULL, false, true);
}

/* realloc and rallocx of sizes other than 0. */
static void *
gmem_stateless_rallocx(void *ptr, size_t size, size_t alignment,
    unsigned arena_ind) {
	size_t usize, old_usize = isalloc(TSDN_NULL, ptr);
	szind_t ind = 0;

	if (aligned_usize_get(size, alignment, &usize, &ind, false)) {
		return NULL;
	}
	if (usize == old_usize
	    && (alignment == 0 || ((uintptr_t)ptr & (alignment - 1)) == 0)) {
		return ptr;
	}
	void *block = gmem_stateless_alloc(size, usize, ind, alignment, false,
	    gmem_stateless_arena(arena_ind));
	if (block != NULL) {
		memcpy(block, ptr, size < old_usize ? size : old_usize);
		idalloctm(TSDN_NULL, ptr, NULL, NULL, false, true);
	}
	return block;
}
