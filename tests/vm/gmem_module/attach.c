// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: which processes use the device.  On a
 * real machine the accelerator's driver attaches a process when it opens the
 * accelerator; here it writes to /dev/gmem_double, any word, or "detach".
 */
#include <linux/miscdevice.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "gmem_double.h"

struct process {
	struct mmu_notifier notifier;
	struct list_head list;
	bool attached;
};

static LIST_HEAD(processes);

static struct process *process_of(const struct mm_struct *mm)
{
	struct process *process;

	list_for_each_entry(process, &processes, list)
		if (process->notifier.mm == mm)
			return process;
	return NULL;
}

/* munmap and mremap; what else takes pages from the CPU leaves the device's. */
static int range_goes(struct mmu_notifier *notifier,
		      const struct mmu_notifier_range *range)
{
	if (range->event != MMU_NOTIFY_UNMAP)
		return 0;
	mutex_lock(&gmem_lock);
	gmem_drop_pages(notifier->mm, range->start, range->end);
	mutex_unlock(&gmem_lock);
	return 0;
}

static void process_ends(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct process *process =
		container_of(notifier, struct process, notifier);

	mutex_lock(&gmem_lock);
	gmem_drop_pages(mm, 0, ULONG_MAX);
	list_del_init(&process->list);
	mutex_unlock(&gmem_lock);
	mmu_notifier_put(notifier);
	module_put(THIS_MODULE);
}

static struct mmu_notifier *make_process(struct mm_struct *mm)
{
	struct process *process = kzalloc(sizeof(*process), GFP_KERNEL);

	if (!process)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&process->list);
	return &process->notifier;
}

static void free_process(struct mmu_notifier *notifier)
{
	kfree(container_of(notifier, struct process, notifier));
}

static const struct mmu_notifier_ops process_operations = {
	.invalidate_range_start = range_goes,
	.release = process_ends,
	.alloc_notifier = make_process,
	.free_notifier = free_process,
};

/* The caller's process is told of, and kept track of, from now on. */
int gmem_watch_process(void)
{
	struct mmu_notifier *notifier;
	struct process *process;
	bool is_known;

	mutex_lock(&gmem_lock);
	is_known = process_of(current->mm);
	mutex_unlock(&gmem_lock);
	if (is_known)
		return 0;

	notifier = mmu_notifier_get(&process_operations, current->mm);
	if (IS_ERR(notifier))
		return PTR_ERR(notifier);
	process = container_of(notifier, struct process, notifier);
	mutex_lock(&gmem_lock);
	is_known = !list_empty(&process->list);
	if (!is_known) {
		list_add(&process->list, &processes);
		__module_get(THIS_MODULE);
	}
	mutex_unlock(&gmem_lock);
	if (is_known)	/* another thread was faster */
		mmu_notifier_put(notifier);
	return 0;
}

bool gmem_is_attached(void)
{
	const struct process *process;
	bool attached;

	mutex_lock(&gmem_lock);
	process = process_of(current->mm);
	attached = process && process->attached;
	mutex_unlock(&gmem_lock);
	return attached;
}

static void set_attached(bool attached)
{
	mutex_lock(&gmem_lock);
	process_of(current->mm)->attached = attached;
	mutex_unlock(&gmem_lock);
	if (!attached)
		return;
	/* As those kernels do: of this thread alone. */
	task_lock(current);
	node_set(gmem_hnid(), current->mems_allowed);
	task_unlock(current);
}

static ssize_t control_write(struct file *file, const char __user *text,
			     size_t size, loff_t *position)
{
	char word[8] = "";
	int error = gmem_watch_process();

	if (error)
		return error;
	if (copy_from_user(word, text, min(size, sizeof(word) - 1)))
		return -EFAULT;
	set_attached(strncmp(word, "detach", 6) != 0);
	return size;
}

static const struct file_operations control_operations = {
	.owner = THIS_MODULE,
	.write = control_write,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gmem_double",
	.mode = 0666,
	.fops = &control_operations,
};

int gmem_register_control(void)
{
	return misc_register(&control);
}

void gmem_unregister_control(void)
{
	misc_deregister(&control);
	mmu_notifier_synchronize();
}
