/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Makes, finds and reuses the threads' states that tsd_tls.h points to.
 * scripts/build-jemalloc has jemalloc's tsd.c include this file at its end,
 * so that its list of threads and the lock of that list, which fork knows,
 * serve here too.
 *
 * A thread may have no state: there is no memory for one, or no key whose
 * destructor would take it back, or the thread is in its last moments, when
 * its state serves another already.  Its calls are right all the same, and
 * slower (stateless.c).  So making a state may fail, and asks nothing of
 * jemalloc, which may just be asking for one.
 */
#include <sys/mman.h>

/*
 * A state is never unmapped, nor is the memory of its cache.  What the fast paths
 * read of it is in few lines of the processor's cache.
 */
typedef struct gmem_tsd_node_s gmem_tsd_node_t;
struct gmem_tsd_node_s {
	tsd_t tsd;	/* First: a tsd_t's address is its node's. */
	gmem_tsd_node_t *next_free;
	void *cache_memory;
	gmem_cache_budget_t cache_budget;
} JEMALLOC_ALIGNED(CACHELINE);

/*
 * Nodes that no thread had yet: the first ones are there without any memory,
 * the others come by the block, or one by one where no block is to be had.
 * A page of a node that no thread came to costs nothing.
 */
#define GMEM_TSD_FIRST_NODES 4
#define GMEM_TSD_BLOCK_NODES 64
static gmem_tsd_node_t gmem_tsd_first_nodes[GMEM_TSD_FIRST_NODES];
static gmem_tsd_node_t *gmem_tsd_new = gmem_tsd_first_nodes;
static unsigned gmem_tsd_new_count = GMEM_TSD_FIRST_NODES;

static gmem_tsd_node_t *gmem_tsd_free;

static bool gmem_tsd_has_key;

JEMALLOC_DIAGNOSTIC_PUSH
JEMALLOC_DIAGNOSTIC_IGNORE_MISSING_STRUCT_FIELD_INITIALIZERS
tsd_t gmem_tsd_none = TSD_INITIALIZER;
JEMALLOC_DIAGNOSTIC_POP

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
	ptrdiff_t distance = (char *)&gmem_tsd_slot - gmem_thread_pointer();
	if ((ptrdiff_t)value == distance) {
		return distance;
	}
	const gmem_tls_descriptor_t *descriptor =
	    (const gmem_tls_descriptor_t *)value;
	return descriptor->argument == distance ? distance : 0;
}

static bool
gmem_tsd_map_nodes(unsigned count) {
	int saved_errno = errno;
	void *nodes = mmap(NULL, count * sizeof(gmem_tsd_node_t),
	    PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	errno = saved_errno;
	if (nodes == MAP_FAILED) {
		return false;
	}
	gmem_tsd_new = (gmem_tsd_node_t *)nodes;
	gmem_tsd_new_count = count;
	return true;
}

static gmem_tsd_node_t *
gmem_tsd_take_node(void) {
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	gmem_tsd_node_t *node = gmem_tsd_free;
	if (node != NULL) {
		gmem_tsd_free = node->next_free;
	} else if (gmem_tsd_new_count > 0
	    || gmem_tsd_map_nodes(GMEM_TSD_BLOCK_NODES)
	    || gmem_tsd_map_nodes(1)) {
		node = gmem_tsd_new++;
		gmem_tsd_new_count--;
	}
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
	return node;
}

static void
gmem_tsd_give_node_back(gmem_tsd_node_t *node) {
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	node->next_free = gmem_tsd_free;
	gmem_tsd_free = node;
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
}

/*
 * The key's destructor.  glibc frees memory even after the last one of a
 * thread: from here on, the thread does without a state.  A pointer that is
 * not the thread's present state is left alone: a thread that started during
 * the dlopen of this library can lose its first one.
 */
static void
gmem_tsd_thread_ends(void *arg) {
	gmem_tsd_node_t *node = (gmem_tsd_node_t *)arg;
	if (&node->tsd != gmem_tsd_slot) {
		return;
	}
	tsd_cleanup(&node->tsd);
	gmem_tsd_slot = GMEM_TSD_NONE;
	gmem_tsd_give_node_back(node);
}

static bool
gmem_tsd_find_key(void) {
	malloc_mutex_lock(TSDN_NULL, &tsd_nominal_tsds_lock);
	if (!gmem_tsd_has_key) {
		/* A wrapper of another library's may allocate. */
		tsd_t *own = gmem_tsd_slot;
		gmem_tsd_slot = GMEM_TSD_NONE;
		gmem_tsd_has_key = pthread_key_create(&tsd_tsd,
		    gmem_tsd_thread_ends) == 0;
		gmem_tsd_slot = own;
	}
	malloc_mutex_unlock(TSDN_NULL, &tsd_nominal_tsds_lock);
	return gmem_tsd_has_key;
}

/*
 * Has the state taken back at the thread's end.  glibc may allocate for that,
 * which the thread does without a state.
 */
static bool
gmem_tsd_register(gmem_tsd_node_t *node) {
	tsd_t *own = gmem_tsd_slot;
	gmem_tsd_slot = GMEM_TSD_NONE;
	bool registered = pthread_setspecific(tsd_tsd, node) == 0;
	gmem_tsd_slot = own;
	return registered;
}

static tsd_t *
gmem_tsd_create(void) {
	if (!tsd_booted || !gmem_tsd_find_key()) {
		return NULL;
	}
	gmem_tsd_node_t *node = gmem_tsd_take_node();
	if (node == NULL) {
		return NULL;
	}
	memcpy(&node->tsd, &tsd_tls, sizeof(tsd_t));
	if (!gmem_tsd_register(node)) {
		gmem_tsd_give_node_back(node);
		return NULL;
	}
	gmem_tsd_slot = &node->tsd;
	return &node->tsd;
}

/*
 * The thread that boots jemalloc has a state in any case, and is registered
 * later: until jemalloc is there, nobody can allocate on the way.
 */
static gmem_tsd_node_t *gmem_tsd_booter;

static bool
gmem_tsd_create_for_boot(void) {
	gmem_tsd_booter = gmem_tsd_take_node();
	if (gmem_tsd_booter == NULL) {
		return false;
	}
	memcpy(&gmem_tsd_booter->tsd, &tsd_tls, sizeof(tsd_t));
	gmem_tsd_slot = &gmem_tsd_booter->tsd;
	return true;
}

/* Once, as the library is loaded: gmem_je_register_booter to the rest of it. */
void
register_booter(void) {
	if (gmem_tsd_booter != NULL && &gmem_tsd_booter->tsd == gmem_tsd_slot
	    && gmem_tsd_find_key()) {
		gmem_tsd_register(gmem_tsd_booter);
	}
}

/* NULL where the thread has none for now, or none any more. */
tsd_t *
gmem_tsd_find_or_create(void) {
	tsd_t *tsd = gmem_tsd_slot;
	if (tsd == GMEM_TSD_NONE) {
		return NULL;
	}
	return tsd != NULL ? tsd : gmem_tsd_create();
}

/*
 * What a thread's cache lists its blocks in.  It stays with the state, whatever
 * thread has it next: a thread's start and end cost no allocation.
 */
void *
gmem_tsd_cache_memory(tsd_t *tsd, size_t size, size_t alignment) {
	gmem_tsd_node_t *node = (gmem_tsd_node_t *)tsd;
	if (node->cache_memory == NULL) {
		node->cache_memory = base_alloc(tsd_tsdn(tsd), b0get(), size,
		    alignment);
	}
	return node->cache_memory;
}

gmem_cache_budget_t *
gmem_cache_budget(tsd_t *tsd) {
	return &((gmem_tsd_node_t *)tsd)->cache_budget;
}

bool
gmem_tsd_boot(void) {
	gmem_tsd_offset = gmem_tsd_static_offset();
	tsd_booted = true;
	return gmem_tsd_slot == NULL && !gmem_tsd_create_for_boot();
}
