// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: the device's memory, 2 MiB pages of one
 * NUMA node, taken from there some at a time as those kernels do.
 */
#include <linux/gfp.h>

#include "gmem_double.h"

#define IMPORTED_AT_ONCE 16

unsigned long gmem_max_pages;
unsigned int gmem_free_pages;
unsigned int gmem_active_pages;

static LIST_HEAD(free_list);

static void import(void)
{
	int i;

	for (i = 0; i < IMPORTED_AT_ONCE; i++) {
		struct page *page;

		if (gmem_max_pages && gmem_free_pages + gmem_active_pages >=
					      gmem_max_pages)
			return;
		page = alloc_pages_node(gmem_device_node,
					GFP_KERNEL | __GFP_THISNODE |
					__GFP_COMP | __GFP_NORETRY |
					__GFP_NOWARN, GMEM_PAGE_ORDER);
		if (!page)
			return;
		list_add(&page->lru, &free_list);
		gmem_free_pages++;
	}
}

struct page *gmem_get_device_page(void)
{
	struct page *page;

	lockdep_assert_held(&gmem_lock);
	if (!gmem_free_pages)
		import();
	if (!gmem_free_pages)
		return NULL;
	page = list_first_entry(&free_list, struct page, lru);
	list_del(&page->lru);
	gmem_free_pages--;
	gmem_active_pages++;
	return page;
}

void gmem_put_device_page(struct page *page)
{
	lockdep_assert_held(&gmem_lock);
	gmem_active_pages--;
	if (gmem_free_pages >= IMPORTED_AT_ONCE) {
		__free_pages(page, GMEM_PAGE_ORDER);
		return;
	}
	list_add(&page->lru, &free_list);
	gmem_free_pages++;
}

void gmem_free_device_memory(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &free_list, lru) {
		list_del(&page->lru);
		__free_pages(page, GMEM_PAGE_ORDER);
	}
	gmem_free_pages = 0;
}
