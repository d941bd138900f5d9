// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/* What this double for GMEM kernels needs of the kernel's insides. */
#include <linux/kprobes.h>

#include "gmem_double.h"

struct kernel_functions kernel;

typedef unsigned long (*lookup_t)(const char *name);

/* Not exported either, but a probe can be set at it. */
static lookup_t find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	lookup_t lookup;

	if (register_kprobe(&probe))
		return NULL;
	lookup = (lookup_t)probe.addr;
	unregister_kprobe(&probe);
	return lookup;
}

int gmem_find_symbols(void)
{
	/* A second name is that of other versions. */
	const struct {
		void **place;
		const char *names[2];
	} wanted[] = {
		{ (void **)&kernel.mmap_region, { "mmap_region" } },
		{ (void **)&kernel.get_unmapped_area,
		  { "__get_unmapped_area", "get_unmapped_area" } },
		{ (void **)&kernel.populate, { "__mm_populate" } },
		{ (void **)&kernel.zap, { "zap_page_range_single" } },
		{ (void **)&kernel.huge_fault,
		  { "do_huge_pmd_anonymous_page" } },
		{ (void **)&kernel.p4d_alloc, { "__p4d_alloc" } },
		{ (void **)&kernel.pud_alloc, { "__pud_alloc" } },
		{ (void **)&kernel.pmd_alloc, { "__pmd_alloc" } },
		{ (void **)&kernel.collapse_flush, { "pmdp_collapse_flush" } },
		{ (void **)&kernel.table_sync,
		  { "tlb_remove_table_sync_one" } },
		{ (void **)&kernel.mm_kobject, { "mm_kobj" } },
	};
	lookup_t lookup = find_lookup();
	int i;

	if (!lookup)
		return -ENOENT;
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		void *found = (void *)lookup(wanted[i].names[0]);

		if (!found && wanted[i].names[1])
			found = (void *)lookup(wanted[i].names[1]);
		if (!found) {
			pr_err("gmem_double: no %s\n", wanted[i].names[0]);
			return -ENOENT;
		}
		*wanted[i].place = found;
	}
	return 0;
}
