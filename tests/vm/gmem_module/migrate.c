// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: a 2 MiB page leaves the CPU for the
 * device, and comes home at the CPU's next touch.
 */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>

#include "gmem_double.h"

#define EVICTED_AT_ONCE 16
#define PATIENCE 1000

/* The kernel's pages within the one that is on its way; below gmem_lock. */
static struct page *parts[GMEM_PARTS];

/* The huge page that the kernel is about to clear gets this content. */
static struct {
	struct task_struct *task;
	struct page *content;
} filling;

static void copy_huge_page(struct page *to, struct page *from)
{
	unsigned long i;

	for (i = 0; i < GMEM_PARTS; i++) {
		copy_highpage(to + i, from + i);
		cond_resched();
	}
}

static void keep(unsigned long i, struct page *page)
{
	get_page(page);
	parts[i] = page;
}

static void forget_parts(void)
{
	unsigned long i;

	for (i = 0; i < GMEM_PARTS; i++) {
		if (parts[i])
			put_page(parts[i]);
		parts[i] = NULL;
	}
}

/* -EAGAIN: the kernel itself is moving a page. */
static int collect_small(struct mm_struct *mm, pmd_t *pmd,
			 unsigned long address)
{
	pte_t *table = pte_offset_kernel(pmd, address);
	spinlock_t *lock = pte_lockptr(mm, pmd);
	unsigned long i;
	int error = 0;

	spin_lock(lock);
	for (i = 0; i < GMEM_PARTS && !error; i++) {
		pte_t entry = READ_ONCE(table[i]);

		if (pte_none(entry))
			continue;
		if (pte_present(entry))
			keep(i, pte_page(entry));
		else
			error = -EAGAIN;
	}
	spin_unlock(lock);
	return error;
}

static int collect(struct mm_struct *mm, pmd_t *pmd, unsigned long address)
{
	spinlock_t *lock = pmd_lock(mm, pmd);
	const pmd_t entry = READ_ONCE(*pmd);
	unsigned long i;
	int error = 0;

	if (!pmd_none(entry) && !pmd_present(entry))
		error = -EAGAIN;
	else if (pmd_trans_huge(entry))
		for (i = 0; i < GMEM_PARTS; i++)
			keep(i, pmd_page(entry) + i);
	spin_unlock(lock);
	if (error || pmd_none(entry) || pmd_trans_huge(entry))
		return error;
	return collect_small(mm, pmd, address);
}

/* An empty table of small pages would keep a huge page from coming home. */
static void free_table(struct vm_area_struct *vma, pmd_t *pmd,
		       unsigned long address)
{
	spinlock_t *lock;
	pmd_t entry;

	if (pmd_none(*pmd))
		return;
	if (vma->anon_vma)
		anon_vma_lock_write(vma->anon_vma);
	lock = pmd_lock(vma->vm_mm, pmd);
	entry = kernel.collapse_flush(vma, address, pmd);
	spin_unlock(lock);
	if (vma->anon_vma)
		anon_vma_unlock_write(vma->anon_vma);
	kernel.table_sync();
	mm_dec_nr_ptes(vma->vm_mm);
	pte_free(vma->vm_mm, pmd_pgtable(entry));
}

static pmd_t *make_pmd(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd) && kernel.p4d_alloc(mm, pgd, address))
		return NULL;
	p4d = p4d_offset(pgd, address);
	if (p4d_none(*p4d) && kernel.pud_alloc(mm, p4d, address))
		return NULL;
	pud = pud_offset(p4d, address);
	if (pud_none(*pud) && kernel.pmd_alloc(mm, pud, address))
		return NULL;
	return pmd_offset(pud, address);
}

/*
 * The pages are held, then unmapped, and copied only after that, so that no
 * write of another thread is lost.  No fault can map new ones: the caller has
 * locked them out.
 */
static int take_from_cpu(struct vm_area_struct *vma, unsigned long address,
			 struct page *content)
{
	pmd_t *pmd = make_pmd(vma->vm_mm, address);
	unsigned long i;
	int error;

	if (!pmd)
		return -ENOMEM;
	error = collect(vma->vm_mm, pmd, address);
	if (!error) {
		kernel.zap(vma, address, PMD_SIZE, NULL);
		free_table(vma, pmd, address);
		for (i = 0; i < GMEM_PARTS; i++) {
			if (parts[i])
				copy_highpage(content + i, parts[i]);
			else
				clear_highpage(content + i);
			cond_resched();
		}
	}
	forget_parts();
	return error;
}

static bool evict(struct peer_page *page)
{
	struct page *host = alloc_pages(GFP_KERNEL | __GFP_COMP |
					__GFP_NOWARN, GMEM_PAGE_ORDER);

	if (!host)
		return false;
	copy_huge_page(host, page->content);
	gmem_put_device_page(page->content);
	page->content = host;
	page->evicted = true;
	return true;
}

static void evict_some(void)
{
	struct peer_page *page;
	int left = EVICTED_AT_ONCE;

	list_for_each_entry(page, &gmem_pages, order) {
		if (page->evicted || page->pinned)
			continue;
		if (!evict(page) || --left == 0)
			return;
	}
}

static struct page *make_room(void)
{
	struct page *content = gmem_get_device_page();

	if (content || gmem_generation != GMEM_NEWEST)
		return content;
	evict_some();
	return gmem_get_device_page();
}

static int move(struct vm_area_struct *vma, unsigned long address)
{
	struct peer_page *page = gmem_find_page(vma->vm_mm, address);
	struct page *content;
	int error;

	if (page && !page->evicted) {
		list_move_tail(&page->order, &gmem_pages);
		return 0;
	}
	content = make_room();
	if (!content)
		return -ENOMEM;
	atomic64_inc(&gmem_moved_to_device);
	if (page) {
		copy_huge_page(content, page->content);
		__free_pages(page->content, GMEM_PAGE_ORDER);
		page->content = content;
		page->evicted = false;
		list_move_tail(&page->order, &gmem_pages);
		return 0;
	}
	page = gmem_add_page(vma->vm_mm, address, content);
	if (!page) {
		gmem_put_device_page(content);
		return -ENOMEM;
	}
	error = take_from_cpu(vma, address, content);
	if (error) {
		atomic64_dec(&gmem_moved_to_device);
		gmem_drop_page(page);
	}
	return error;
}

static int try_to_device(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma;
	int error = -EFAULT;

	mmap_write_lock(mm);
	vma = find_vma(mm, address);
	if (vma && vma->vm_start <= address &&
	    vma->vm_end >= address + PMD_SIZE && gmem_is_peer(vma)) {
		gmem_lock_faults_out(vma);
		mutex_lock(&gmem_lock);
		error = move(vma, address);
		mutex_unlock(&gmem_lock);
	}
	mmap_write_unlock(mm);
	return error;
}

int gmem_to_device(unsigned long address)
{
	int tries, error = -EAGAIN;

	for (tries = 0; error == -EAGAIN && tries < 500; tries++) {
		if (tries)
			usleep_range(500, 1000);
		error = try_to_device(current->mm, address);
	}
	return error;
}

bool gmem_is_filling(void)
{
	return READ_ONCE(filling.task) == current;
}

void gmem_fill_huge_page(struct page *page)
{
	copy_huge_page(page, filling.content);
	gmem_redirect_done();
}

/*
 * The kernel's own way to a new huge page, but for what the page holds when it
 * is mapped.
 */
static vm_fault_t map_home(struct vm_area_struct *vma, struct peer_page *page,
			   unsigned long address, unsigned int flags)
{
	struct vm_fault fault = {
		.vma = vma,
		.address = address & PAGE_MASK,
		.real_address = address,
		.flags = flags | FAULT_FLAG_WRITE,
		.pgoff = vma->vm_pgoff +
			 ((address - vma->vm_start) >> PAGE_SHIFT),
		.gfp_mask = GFP_KERNEL,
		.pmd = make_pmd(vma->vm_mm, address),
	};
	vm_fault_t result;

	if (!fault.pmd)
		return VM_FAULT_OOM;
	filling.content = page->content;
	WRITE_ONCE(filling.task, current);
	result = kernel.huge_fault(&fault);
	WRITE_ONCE(filling.task, NULL);
	if (result & VM_FAULT_FALLBACK)	/* tried again, but not for ever */
		return ++page->failures < PATIENCE ? VM_FAULT_OOM :
						     VM_FAULT_SIGBUS;
	if (!(result & (VM_FAULT_ERROR | VM_FAULT_RETRY)) &&
	    pmd_trans_huge(*fault.pmd)) {
		atomic64_inc(&gmem_moved_home);
		gmem_drop_page(page);
	}
	return result;
}

static vm_fault_t bring_home(struct vm_area_struct *vma,
			     unsigned long address, unsigned int flags)
{
	const unsigned long start = address & PMD_MASK;
	struct peer_page *page = gmem_find_page(vma->vm_mm, start);

	if (!page)	/* another thread has brought it meanwhile */
		return 0;
	if (page->pinned || start < vma->vm_start ||
	    start + PMD_SIZE > vma->vm_end)
		return VM_FAULT_SIGBUS;
	return map_home(vma, page, address, flags);
}

vm_fault_t gmem_handle_mm_fault(struct vm_area_struct *vma,
				unsigned long address, unsigned int flags,
				struct pt_regs *regs)
{
	vm_fault_t result;

	__set_current_state(TASK_RUNNING);
	mutex_lock(&gmem_lock);
	result = bring_home(vma, address, flags);
	mutex_unlock(&gmem_lock);
	gmem_redirect_done();
	return result;
}
