/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Makes, finds and reuses the threads' states that tsd_tls.h points to.
 * scripts/build-jemalloc has jemalloc's tsd.c include this file at its end,
 * so that its list of threads and the lock of that list, which fork knows,
 * serve here too.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

/*
 * A state is never unmapped.  glibc frees memory even after a thread's last
 * key destructor, so the state of an ending thread waits in the retired queue
 * until the kernel says that the thread is gone.
 */
typedef struct gmem_tsd_node_s gmem_tsd_node_t;
struct gmem_tsd_node_s {
	tsd_t tsd;	/* First: a tsd_t's address is its node's. */
	gmem_tsd_node_t *next_retired;
	pid_t tid;	/* Of the ending thread. */
	bool retired;
};

/*
 * Memory that is there even when no address space is left; a page of it that
 * no thread came to costs nothing.
 */
#define GMEM_TSD_FIRST_NODES 1024
static gmem_tsd_node_t gmem_tsd_first_nodes[GMEM_TSD_FIRST_NODES];
static unsigned gmem_tsd_first_used;

/* A queue: the thread that ended first is the likeliest to be gone. */
static gmem_tsd_node_t *gmem_tsd_retired_head;
static gmem_tsd_node_t **gmem_tsd_retired_tail = &gmem_tsd_retired_head;
#define GMEM_TSD_RETIRED_TRIES 4

ptrdiff_t gmem_tsd_offset;
static __thread tsd_t *gmem_tsd_slot
    __attribute__((used, tls_model("global-dynamic")));

/*
 * The address of the variable's TLS descriptor; or, where the linker makes an
 * executable and so knows the variable's place, that place itself, for which
 * it rewrites the same instructions in just the registers used here.
 */
static uintptr_t
gmem_tsd_descriptor_or_offset(void) {
#if defined(__x86_64__)
	uintptr_t value;
	__asm__("leaq gmem_tsd_slot@tlsdesc(%%rip), %%rax" : "=a"(value));
#elif defined(__aarch64__)
	register uintptr_t value __asm__("x0");
	register uintptr_t resolver __asm__("x1");
	__asm__("adrp x0, :tlsdesc:gmem_tsd_slot\n\t"
	    "ldr x1, [x0, #:tlsdesc_lo12:gmem_tsd_slot]\n\t"
	    "add x0, x0, :tlsdesc_lo12:gmem_tsd_slot"
	    : "=r"(value), "=r"(resolver));
#else
#error libgmem knows no TLS descriptors of this processor.
#endif
	return value;
}

/*
 * A TLS descriptor is a resolver and its argument; the resolver that serves a
 * variable with a static place returns the argument as it is.  So the place
 * is static, the same distance from every thread's pointer, where the
 * argument equals this thread's distance.
 */
typedef struct {
	void *resolver;
	ptrdiff_t argument;
} gmem_tls_descriptor_t;

static ptrdiff_t
gmem_tsd_static_offset(void) {
	uintptr_t value = gmem_tsd_descriptor_or_offset();
	ptrdiff_t distance = (char *)&gmem_tsd_slot
	    - (char *)__builtin_thread_pointer();
	if ((ptrdiff_t)value == distance) {
		return distance;
	}
	const gmem_tls_descriptor_t *descriptor =
	    (const gmem_tls_descriptor_t *)value;
	return descriptor->argument == distance ? distance : 0;
}

static bool
gmem_tsd_thread_is_gone(pid_t tid) {
	int saved_errno = errno;
	bool gone = syscall(SYS_tgkill, getpid(), tid, 0) != 0
	    && errno == ESRCH;
	errno = saved_errno;
	return gone;
}

/* Both called under tsd_nominal_tsds_lock. */
static void
gmem_tsd_retired_push(gmem_tsd_node_t *node) {
	node->next_retired = NULL;
	*gmem_tsd_retired_tail = node;
	gmem_tsd_retired_tail = &node->next_retired;
}

static gmem_tsd_node_t *
gmem_tsd_retired_pop(void) {
	for (int i = 0; i < GMEM_TSD_RETIRED_TRIES; i++) {
		gmem_tsd_node_t *node = gmem_tsd_retired_head;
		if (node == NULL) {
			return NULL;
		}
		gmem_tsd_retired_head = node->next_retired;
		if (gmem_tsd_retired_head == NULL) {
			gmem_tsd_retired_tail = &gmem_tsd_retired_head;
		}
		if (gmem_tsd_thread_is_gone(node->tid)) {
			return node;
		}
		gmem_tsd_retired_push(node);
	}
	return NULL;
}

/*
 * jemalloc does not expect to find no memory for a thread's arena and cache:
 * it crashes.  Asked for as much first, the kernel says whether there is.
 */
#define GMEM_TSD_ROOM (8UL << 20)

static bool
gmem_tsd_has_room(void) {
	int saved_errno = errno;
	void *room = mmap(NULL, GMEM_TSD_ROOM, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room != MAP_FAILED) {
		munmap(room, GMEM_TSD_ROOM);
	}
	errno = saved_errno;
	return room != MAP_FAILED;
}

static tsd_t *
gmem_tsd_create(void) {
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	gmem_tsd_node_t *node = gmem_tsd_retired_pop();
	if (node == NULL && gmem_tsd_first_used < GMEM_TSD_FIRST_NODES) {
		node = &gmem_tsd_first_nodes[gmem_tsd_first_used++];
	}
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
	if (node == NULL) {
		node = (gmem_tsd_node_t *)base_alloc(TSDN_NULL, b0get(),
		    sizeof(gmem_tsd_node_t), CACHELINE);
	}
	if (node == NULL) {
		malloc_write("libgmem: no memory for a new thread's state\n");
		abort();
	}
	node->retired = false;
	memcpy(&node->tsd, &tsd_tls, sizeof(tsd_t));
	if (tsd_booted && !gmem_tsd_has_room()) {
		/*
		 * As a thread that allocates after its end: without a cache,
		 * from the first arena, with ENOMEM where that is full.
		 */
		tsd_atomic_store(&node->tsd.state, tsd_state_purgatory,
		    ATOMIC_RELAXED);
	}
	gmem_tsd_slot = &node->tsd;
	return &node->tsd;
}

/* Also of the first thread before jemalloc has booted, whose hooks run then. */
tsd_t *
gmem_tsd_find_or_create(void) {
	tsd_t *tsd = gmem_tsd_slot;
	return tsd != NULL ? tsd : gmem_tsd_create();
}

/*
 * The key's destructor, which tsd_cleanup may ask to be called again.  A
 * pointer that is not the thread's present state is left alone: a thread that
 * started during the dlopen of this library can lose its first one.
 */
static void
gmem_tsd_thread_ends(void *arg) {
	gmem_tsd_node_t *node = (gmem_tsd_node_t *)arg;
	if (&node->tsd != gmem_tsd_slot) {
		return;
	}
	tsd_cleanup(&node->tsd);
	if (node->retired) {
		return;
	}
	node->retired = true;
	node->tid = (pid_t)syscall(SYS_gettid);
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	gmem_tsd_retired_push(node);
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
}

bool
gmem_tsd_boot(void) {
	if (pthread_key_create(&tsd_tsd, gmem_tsd_thread_ends) != 0) {
		return true;
	}
	gmem_tsd_offset = gmem_tsd_static_offset();
	tsd_booted = true;
	return false;
}
