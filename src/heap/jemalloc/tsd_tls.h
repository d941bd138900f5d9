/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Where jemalloc keeps a thread's state, in libgmem's build of it.
 *
 * scripts/build-jemalloc puts this file in the place of jemalloc's own of the
 * same name, whose thread-local tsd_t of some 2.6 KB is too large for a
 * library that is loaded late: the C library keeps under 2 KB for all of
 * them.  Here the thread-local part is one pointer; the state that it points
 * to comes from tsd_thread.c at the thread's first slow path.
 *
 * The pointer is read as fast as an initial-exec variable is, and yet the
 * library loads where there is no static place left for it:
 * gmem_tsd_offset is its distance from the thread pointer, read once from the
 * pointer's TLS descriptor, and 0 until then or where the loader found no
 * static place.  Then the fast paths of malloc and free find no state, as in a
 * thread that has none yet, and leave it to the slow ones, which ask for it
 * with init and so get it in the general way.
 */
#ifdef JEMALLOC_INTERNAL_TSD_TLS_H
#error This file should be included only once, by tsd.h.
#endif
#define JEMALLOC_INTERNAL_TSD_TLS_H

#include "jemalloc/internal/jemalloc_preamble.h"
#include "jemalloc/internal/tsd_internals.h"
#include "jemalloc/internal/tsd_types.h"

/* tsd.c defines tsd_tls with this: the pattern of a new thread's state. */
#define JEMALLOC_TSD_TYPE_ATTR(type) const type

extern JEMALLOC_TSD_TYPE_ATTR(tsd_t) tsd_tls;
extern pthread_key_t tsd_tsd;
extern bool tsd_booted;

#define GMEM_HIDDEN __attribute__((visibility("hidden")))
extern ptrdiff_t gmem_tsd_offset GMEM_HIDDEN;
extern tsd_t gmem_tsd_none GMEM_HIDDEN;
bool gmem_tsd_boot(void) GMEM_HIDDEN;
tsd_t *gmem_tsd_find_or_create(void) GMEM_HIDDEN;
void *gmem_tsd_cache_memory(tsd_t *tsd, size_t size, size_t alignment)
    GMEM_HIDDEN;

/*
 * What the pointer of a thread says that is to have no state, its own being
 * used up.  The fast paths, which test for NULL alone, find its thresholds 0
 * and leave it to the slow ones; that they say they are at its cache is no
 * matter, for it has none.
 */
#define GMEM_TSD_NONE (&gmem_tsd_none)

/* gcc before 11 has the builtin on other processors alone. */
JEMALLOC_ALWAYS_INLINE char *
gmem_thread_pointer(void) {
#if defined(__x86_64__)
	char *pointer;
	__asm__("movq %%fs:0, %0" : "=r"(pointer));
	return pointer;
#else
	return (char *)__builtin_thread_pointer();
#endif
}

JEMALLOC_ALWAYS_INLINE tsd_t *
gmem_tsd_at(ptrdiff_t offset) {
#ifdef __SEG_FS
	return *(tsd_t *__seg_fs *)offset;
#else
	return *(tsd_t **)(gmem_thread_pointer() + offset);
#endif
}

/* The functions that tsd.h expects of this file. */

JEMALLOC_ALWAYS_INLINE bool
tsd_boot0(void) {
	return gmem_tsd_boot();
}

JEMALLOC_ALWAYS_INLINE void
tsd_boot1(void) {
}

JEMALLOC_ALWAYS_INLINE bool
tsd_boot(void) {
	return tsd_boot0();
}

JEMALLOC_ALWAYS_INLINE bool
tsd_booted_get(void) {
	return tsd_booted;
}

JEMALLOC_ALWAYS_INLINE bool
tsd_get_allocates(void) {
	return true;
}

/*
 * With init, NULL where the thread has no state and gets none; without, also
 * where it has none yet.
 */
JEMALLOC_ALWAYS_INLINE tsd_t *
tsd_get(bool init) {
	ptrdiff_t offset = gmem_tsd_offset;
	tsd_t *tsd = likely(offset != 0) ? gmem_tsd_at(offset) : NULL;
	if (init && unlikely(tsd == NULL || tsd == GMEM_TSD_NONE)) {
		tsd = gmem_tsd_find_or_create();
	}
	return tsd;
}

/* A state is registered for the thread's end when it is made. */
JEMALLOC_ALWAYS_INLINE void
tsd_set(tsd_t *val) {
}
