// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: the 2 MiB pages that are not in the CPU's
 * page table because they are on the device.
 */
#include <linux/hashtable.h>
#include <linux/slab.h>

#include "gmem_double.h"

DEFINE_MUTEX(gmem_lock);
LIST_HEAD(gmem_pages);

/* Read without a lock by the probes. */
static DEFINE_HASHTABLE(pages_by_address, 8);

static unsigned long key(const struct mm_struct *mm, unsigned long address)
{
	return (unsigned long)mm ^ (address >> PMD_SHIFT);
}

struct peer_page *gmem_find_page(struct mm_struct *mm, unsigned long address)
{
	struct peer_page *page;

	hash_for_each_possible_rcu(pages_by_address, page, hash,
				   key(mm, address),
				   lockdep_is_held(&gmem_lock))
		if (page->mm == mm && page->address == address)
			return page;
	return NULL;
}

bool gmem_has_page(struct mm_struct *mm, unsigned long address)
{
	bool found;

	rcu_read_lock();
	found = gmem_find_page(mm, address);
	rcu_read_unlock();
	return found;
}

struct peer_page *gmem_add_page(struct mm_struct *mm, unsigned long address,
				struct page *content)
{
	struct peer_page *page = kzalloc(sizeof(*page), GFP_KERNEL);

	lockdep_assert_held(&gmem_lock);
	if (!page)
		return NULL;
	page->mm = mm;
	page->address = address;
	page->content = content;
	list_add_tail(&page->order, &gmem_pages);
	hash_add_rcu(pages_by_address, &page->hash, key(mm, address));
	return page;
}

void gmem_drop_page(struct peer_page *page)
{
	lockdep_assert_held(&gmem_lock);
	hash_del_rcu(&page->hash);
	list_del(&page->order);
	if (page->evicted)
		__free_pages(page->content, GMEM_PAGE_ORDER);
	else
		gmem_put_device_page(page->content);
	kfree_rcu(page, rcu);
}

void gmem_drop_pages(struct mm_struct *mm, unsigned long start,
		     unsigned long end)
{
	struct peer_page *page, *next;

	list_for_each_entry_safe(page, next, &gmem_pages, order)
		if (page->mm == mm && page->address >= start &&
		    page->address < end)
			gmem_drop_page(page);
}
