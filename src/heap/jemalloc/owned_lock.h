/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A lock that knows its thread, of jemalloc's and of the rest of the heap: C and
 * C++ include this file.
 *
 * Who holds it and comes again passes, and lets go as often.  So it is between
 * the preparation of a fork, which takes all locks, and its end: handlers of
 * others, called meanwhile, may allocate, and a signal handler may fork again,
 * or fork where it has interrupted malloc.  The thread is known from the same
 * word by which the lock is taken, so that there is no moment in between.
 */
#ifndef GMEM_OWNED_LOCK_H
#define GMEM_OWNED_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
	uintptr_t word;		/* The thread, with GMEM_LOCK_IS_AWAITED. */
	uintptr_t passes;	/* Changed by the thread that has it alone. */
} gmem_owned_lock_t;

#define GMEM_OWNED_LOCK_INITIALIZER {0, 0}
#define GMEM_LOCK_IS_AWAITED ((uintptr_t)1)

/* src/heap/owned_lock.cc: for who did not get the lock at once. */
__attribute__((visibility("hidden"))) void gmem_owned_lock_wait(
    gmem_owned_lock_t *lock);
__attribute__((visibility("hidden"))) void gmem_owned_lock_wake(
    gmem_owned_lock_t *lock);

/* src/heap/fork_locks.cc: for the preparation of a fork, which may go on without
 * a lock (false), and for its end in the parent. */
__attribute__((visibility("hidden"))) bool gmem_owned_lock_take_for_fork(
    gmem_owned_lock_t *lock);
__attribute__((visibility("hidden"))) void gmem_owned_lock_let_go_after_fork(
    gmem_owned_lock_t *lock);

/* An even number that no other thread of the process has; a child's is that of
 * the thread that forked it. */
static inline uintptr_t
gmem_lock_self(void) {
#if defined(__x86_64__)
	uintptr_t self;
	__asm__("movq %%fs:0, %0" : "=r"(self));
	return self;
#else
	return (uintptr_t)__builtin_thread_pointer();
#endif
}

static inline bool
gmem_owned_lock_try(gmem_owned_lock_t *lock) {
	uintptr_t nobody = 0;
	return __atomic_compare_exchange_n(&lock->word, &nobody,
	    gmem_lock_self(), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Whether the caller has it. */
static inline bool
gmem_owned_lock_is_own(const gmem_owned_lock_t *lock) {
	uintptr_t word = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
	return (word & ~GMEM_LOCK_IS_AWAITED) == gmem_lock_self();
}

/* Whether the caller has it already, and so passes. */
static inline bool
gmem_owned_lock_pass(gmem_owned_lock_t *lock) {
	if (!gmem_owned_lock_is_own(lock)) {
		return false;
	}
	lock->passes++;
	return true;
}

static inline void
gmem_owned_lock_take(gmem_owned_lock_t *lock) {
	if (!gmem_owned_lock_try(lock)) {
		gmem_owned_lock_wait(lock);
	}
}

static inline void
gmem_owned_lock_let_go(gmem_owned_lock_t *lock) {
	if (__builtin_expect(lock->passes != 0, 0)) {
		lock->passes--;
	} else if (__builtin_expect(__atomic_exchange_n(&lock->word, 0,
	    __ATOMIC_RELEASE) & GMEM_LOCK_IS_AWAITED, 0)) {
		gmem_owned_lock_wake(lock);
	}
}

/*
 * In a child, instead of letting go: nobody waits.  What the thread had before
 * the fork's preparation it lets go itself; what the preparation went on without
 * belongs to a thread that the child does not have.
 */
static inline void
gmem_owned_lock_let_go_in_child(gmem_owned_lock_t *lock) {
	if (lock->passes != 0 && gmem_owned_lock_is_own(lock)) {
		lock->passes--;
	} else {
		lock->word = 0;
		lock->passes = 0;
	}
}

#ifdef __cplusplus
}
#endif

#endif /* GMEM_OWNED_LOCK_H */
