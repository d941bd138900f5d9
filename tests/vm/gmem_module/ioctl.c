// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: /dev/gmem with its two calls, their
 * checks in the order of those kernels, and their results, of which some are
 * positive.
 */
#include <linux/ioctl.h>
#include <linux/miscdevice.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "gmem_double.h"

struct hnid_argument {
	int __user *hnuma_id;
};

struct madvise_argument {
	int hnid;
	unsigned long start;
	size_t size;
	int behavior;
};

#define GMEM_GET_HNUMA_ID _IOW(0x55, 1, struct hnid_argument)
#define GMEM_MADVISE _IOW(0x55, 2, struct madvise_argument)

#define GMEM_PREFETCH 0x1000
#define GMEM_PINNED 0x1001
#define GMEM_UNPINNED 0x1002

static long get_hnuma_id(const void __user *user)
{
	struct hnid_argument argument;

	if (copy_from_user(&argument, user, sizeof(argument)))
		return -EFAULT;
	if (!gmem_on || !gmem_is_attached())
		return -ENODEV;
	return put_user(gmem_hnid(), argument.hnuma_id);
}

static int set_pinned(unsigned long address, bool pinned)
{
	struct peer_page *page;

	mutex_lock(&gmem_lock);
	page = gmem_find_page(current->mm, address);
	if (page)	/* else a touch was faster */
		page->pinned = pinned;
	mutex_unlock(&gmem_lock);
	return 0;
}

/* Every page is tried. */
static long move_pages_there(unsigned long start, unsigned long end,
			     int behavior)
{
	long result = 0;

	for (; start != end; start += PMD_SIZE) {
		int error = gmem_to_device(start);

		if (!error && behavior != GMEM_PREFETCH)
			error = set_pinned(start, behavior == GMEM_PINNED);
		if (error)
			result = -EFAULT;
	}
	return result;
}

/* V1 asks of a range without bytes that it lies somewhere. */
static long prefetch_nothing(unsigned long start)
{
	const struct vm_area_struct *vma;
	bool found;

	if (gmem_generation != GMEM_6_4)
		return 0;
	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, start);
	found = vma && vma->vm_start <= start;
	mmap_read_unlock(current->mm);
	return found ? 0 : GM_RET_FAILURE_UNKNOWN;
}

static bool is_one_mapping(unsigned long start, unsigned long end)
{
	const struct vm_area_struct *vma;
	bool result;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, start);
	result = vma && vma->vm_start <= start && vma->vm_end >= end &&
		 (gmem_is_peer(vma) || gmem_generation == GMEM_6_4);
	mmap_read_unlock(current->mm);
	return result;
}

static long prefetch_range(const struct madvise_argument *argument)
{
	const unsigned long end = argument->start + argument->size;
	const unsigned long first = ALIGN_DOWN(argument->start, PMD_SIZE);
	const unsigned long last = ALIGN(end, PMD_SIZE);
	int error;

	if (end < argument->start || last < end) {
		if (gmem_generation == GMEM_6_4)
			gmem_violation("prefetch of a range that wraps");
		return -EINVAL;
	}
	if (first == last)
		return prefetch_nothing(first);
	if (!is_one_mapping(first, last))
		return GM_RET_FAILURE_UNKNOWN;
	if (!gmem_is_attached())
		return -EFAULT;
	error = gmem_watch_process();
	if (error)
		return error;
	return move_pages_there(first, last, argument->behavior);
}

static void discard(unsigned long start, unsigned long end)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	while (start < end && (vma = find_vma_intersection(mm, start, end))) {
		const unsigned long first = max(start, vma->vm_start);
		const unsigned long last = min(end, vma->vm_end);

		start = last;
		if (!gmem_is_peer(vma))
			continue;
		gmem_lock_faults_out(vma);
		mutex_lock(&gmem_lock);
		gmem_drop_pages(mm, first, last);
		mutex_unlock(&gmem_lock);
		kernel.zap(vma, first, last - first, NULL);
	}
	mmap_write_unlock(mm);
}

static long eager_free(const struct madvise_argument *argument)
{
	const unsigned long end = argument->start + argument->size;
	const unsigned long first = ALIGN(argument->start, PMD_SIZE);
	const unsigned long last = ALIGN_DOWN(end, PMD_SIZE);

	if (end < argument->start || first < argument->start) {
		if (gmem_generation == GMEM_6_4)
			gmem_violation("eager free of a range that wraps");
		return -EINVAL;
	}
	if (first < last)
		discard(first, last);
	return 0;
}

static bool is_hetero_node(int hnid)
{
	if ((unsigned int)hnid >= MAX_NUMNODES) {
		if (gmem_generation != GMEM_NEWEST)
			gmem_violation("hnid beyond the kernel's bitmap");
		return false;
	}
	if (hnid != gmem_hnid())
		return false;
	return gmem_generation == GMEM_NEWEST || gmem_any_thread ||
	       node_isset(hnid, current->mems_allowed);
}

static long madvise(const void __user *user)
{
	struct madvise_argument argument;

	if (copy_from_user(&argument, user, sizeof(argument)))
		return -EFAULT;
	if (!gmem_on)
		return -EINVAL;
	if (argument.hnid == NUMA_NO_NODE) {
		if (argument.behavior != MADV_DONTNEED)
			return -EINVAL;
	} else if (argument.hnid < 0 || !is_hetero_node(argument.hnid)) {
		return -EINVAL;
	}
	switch (argument.behavior) {
	case MADV_DONTNEED:
		return eager_free(&argument);
	case GMEM_PREFETCH:
		return prefetch_range(&argument);
	case GMEM_PINNED:
	case GMEM_UNPINNED:
		if (gmem_generation == GMEM_NEWEST)
			return prefetch_range(&argument);
		fallthrough;
	default:
		return -EINVAL;
	}
}

static long gmem_ioctl(struct file *file, unsigned int command,
		       unsigned long argument)
{
	switch (command) {
	case GMEM_GET_HNUMA_ID:
		return get_hnuma_id((const void __user *)argument);
	case GMEM_MADVISE:
		return madvise((const void __user *)argument);
	default:
		return -EINVAL;
	}
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = gmem_ioctl,
	.compat_ioctl = gmem_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gmem",
	.fops = &operations,
};

int gmem_register_device(void)
{
	return misc_register(&device);
}

void gmem_unregister_device(void)
{
	misc_deregister(&device);
}
