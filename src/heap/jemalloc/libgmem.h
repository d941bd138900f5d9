/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * What jemalloc takes from libgmem.  scripts/build-jemalloc has jemalloc's
 * internal headers include this file.
 */
#ifndef GMEM_LIBGMEM_H
#define GMEM_LIBGMEM_H

#pragma GCC visibility push(hidden)

/* src/heap/extent_hooks.cc: the hooks of all arenas from the first one on. */
extern const extent_hooks_t gmem_extent_hooks;

/*
 * src/heap/extent_hooks.cc: how much of the 2 MiB page around an address is not
 * in use; no more than a hint.
 */
unsigned gmem_unused_in_page(uintptr_t address);

/*
 * src/heap/extent_hooks.cc: makes a large block's memory zero by giving it back
 * to the system; false where that is not for such a block.
 */
bool gmem_zero_by_system(void *block, size_t size);

/*
 * src/heap/block_move.cc: has a block hold what another holds, of which nothing is
 * wanted afterwards; blocks of this size and more may change places rather than be
 * copied, where they begin alike in their 2 MiB pages.  How much has arrived: where
 * that is less than all, the rest of the new block must never be touched.
 */
#define GMEM_SMALLEST_MOVED ((size_t)4 << 20)
#define GMEM_PAGE_OF_MOVED ((size_t)2 << 20)
size_t gmem_move_block(void *to, const void *from, size_t size);

/* The most that an arena takes from the hooks for blocks that are smaller;
 * kLargestGrowth in src/heap/chunk_source.h. */
#define GMEM_LARGEST_GROWTH ((size_t)64 << 20)

/* So many arenas in a row, from the first on, have large blocks from one. */
#define GMEM_ARENAS_WITH_ONE_FOR_LARGE 8

/* src/heap/jemalloc_conf.cc: the settings, in jemalloc's own words. */
const char *gmem_jemalloc_conf(size_t page_size);

/*
 * src/heap/give_back.cc: told of at least so many unused bytes, at a moment
 * when the thread holds no lock of jemalloc's, but perhaps the C library's; and
 * how many the thread has allocated and freed in its life.
 */
extern size_t gmem_unused_bytes_to_tell;
void gmem_unused_bytes_seen(size_t unused, uint64_t allocated, uint64_t freed);

/*
 * src/heap/idle_decay.cc: told by each thread that uses its cache, now and then,
 * at such a moment.
 */
void gmem_cache_use_seen(void);

/*
 * src/heap/misuse.cc: whether conf says check:on, and what freed blocks are
 * marked with then; both set before the first allocation.  The others say in
 * one line what the caller did wrong, and abort.
 */
extern bool gmem_checks;
extern uintptr_t gmem_misuse_secret;
void gmem_misuse_boot(void);
void gmem_misuse(const char *call, const void *ptr, const char *what)
    __attribute__((noreturn, cold));
void gmem_size_misuse(const void *ptr, size_t given, size_t has)
    __attribute__((noreturn, cold));

#pragma GCC visibility pop

#endif /* GMEM_LIBGMEM_H */
