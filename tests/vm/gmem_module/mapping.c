// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: mmap with MAP_PEER_SHARED, and munmap of
 * such a mapping.
 */
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/version.h>

#include "gmem_double.h"

unsigned long gmem_peer_flag(void)
{
	return gmem_generation == GMEM_6_4 ? 0x8000000 : 0x1000000;
}

bool gmem_is_peer(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_PEER_SHARED;
}

/* With the mmap_lock held for writing. */
void gmem_lock_faults_out(struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	vma_start_write(vma);	/* faults can do without the mmap_lock */
#endif
}

static unsigned long find_address(unsigned long hint, unsigned long size,
				  unsigned long flags)
{
	unsigned long address;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		address = ALIGN(hint, PMD_SIZE);
		address = kernel.get_unmapped_area(NULL, address, size, 0,
						   flags | MAP_FIXED, 0);
		if (!IS_ERR_VALUE(address) &&
		    find_vma_intersection(current->mm, address,
					  address + size))
			return -EEXIST;
		return address;
	}
	address = kernel.get_unmapped_area(NULL, hint, size, 0, flags, 0);
	if (IS_ERR_VALUE(address) || IS_ALIGNED(address, PMD_SIZE))
		return address;
	address = kernel.get_unmapped_area(NULL, hint, size + PMD_SIZE, 0,
					   flags, 0);
	return IS_ERR_VALUE(address) ? address : ALIGN(address, PMD_SIZE);
}

/* Two mappings side by side are not merged: no program can rely on it. */
static vm_flags_t next_colour(void)
{
	static atomic_t colour = ATOMIC_INIT(0);
	unsigned long number = atomic_inc_return(&colour) % VM_PEER_COLOURS;

	return number << VM_PEER_COLOUR_SHIFT;
}

static vm_flags_t vm_flags_of(unsigned long protection, unsigned long flags)
{
	vm_flags_t vm_flags = current->mm->def_flags | VM_MAYREAD |
			      VM_MAYWRITE | VM_MAYEXEC | VM_PEER_SHARED |
			      next_colour() | calc_vm_prot_bits(protection, 0);

	if (flags & MAP_NORESERVE)
		vm_flags |= VM_NORESERVE;
	if (flags & MAP_LOCKED)
		vm_flags |= VM_LOCKED;
	return vm_flags;
}

static bool is_allowed(unsigned long size, unsigned long flags)
{
	return gmem_on && size != 0 && (flags & MAP_ANONYMOUS) &&
	       (flags & MAP_TYPE) == MAP_PRIVATE && !(flags & MAP_HUGETLB);
}

static long map_peer_shared(unsigned long hint, unsigned long wanted,
			    unsigned long protection, unsigned long flags)
{
	const unsigned long size = ALIGN(wanted, PMD_SIZE);
	unsigned long address;
	LIST_HEAD(events);

	if (!is_allowed(wanted, flags))
		return -EINVAL;
	if (size < wanted)
		return -ENOMEM;
	if (gmem_generation == GMEM_NEWEST && !gmem_is_attached())
		return -ENOMEM;
	if ((flags & MAP_LOCKED) && !can_do_mlock())
		return -EPERM;
	if (mmap_write_lock_killable(current->mm))
		return -EINTR;
	address = find_address(hint, size, flags);
	if (!IS_ERR_VALUE(address))
		address = kernel.mmap_region(NULL, address, size,
					     vm_flags_of(protection, flags),
					     address >> PAGE_SHIFT, &events);
	mmap_write_unlock(current->mm);
	if (!IS_ERR_VALUE(address) && (flags & (MAP_POPULATE | MAP_LOCKED)))
		kernel.populate(address, size, 1);
	return address;
}

long gmem_sys_mmap(const struct pt_regs *regs)
{
	long result = -EINVAL;

	if (offset_in_page(regs->r9) == 0)
		result = map_peer_shared(regs->di, regs->si, regs->dx,
					 regs->r10);
	gmem_redirect_done();
	return result;
}

/* 0, or how much more is unmapped because its end is in a peer mapping. */
static long widen(unsigned long start, unsigned long end)
{
	const struct vm_area_struct *vma = find_vma(current->mm, start);

	if (vma && vma->vm_start <= start && gmem_is_peer(vma) &&
	    !IS_ALIGNED(start, PMD_SIZE))
		return -EINVAL;
	if (end <= start)
		return 0;
	vma = find_vma(current->mm, end - 1);
	if (vma && vma->vm_start < end && gmem_is_peer(vma))
		return ALIGN(end, PMD_SIZE) - end;
	return 0;
}

long gmem_sys_munmap(const struct pt_regs *regs)
{
	const unsigned long start = regs->di, size = regs->si;
	long result;

	mmap_read_lock(current->mm);
	result = widen(start, start + size);
	mmap_read_unlock(current->mm);
	if (result >= 0)
		result = vm_munmap(start, size + result);
	gmem_redirect_done();
	return result;
}
