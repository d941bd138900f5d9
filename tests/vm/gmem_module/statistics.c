// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: /proc/gmemstat of the older ones and
 * /sys/kernel/mm/gmem of the newest, side by side.
 */
#include <linux/kobject.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "gmem_double.h"

#define MEMSIZE_UNIT (16 * PMD_SIZE)

atomic64_t gmem_moved_to_device = ATOMIC64_INIT(0);
atomic64_t gmem_moved_home = ATOMIC64_INIT(0);

static struct kobject *all_nodes;
static struct kobject *node;

static int show_gmemstat(struct seq_file *file, void *unused)
{
	const s64 there = atomic64_read(&gmem_moved_to_device);
	const s64 home = atomic64_read(&gmem_moved_home);

	if (gmem_generation == GMEM_6_4)
		seq_printf(file, "migrating     : %lld\n", there + home);
	else
		seq_printf(file, "migrating H2D     : %lld\n"
				 "migrating D2H     : %lld\n", there, home);
	return 0;
}

static ssize_t max_memsize_show(struct kobject *object,
				struct kobj_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%lu\n", gmem_max_pages * PMD_SIZE);
}

/* A number with at most one letter behind it. */
static int parse_size(const char *text, unsigned long *size)
{
	static const char units[] = "BKMGTPE";
	unsigned long long number;
	const char *unit;
	char *copy, *end;
	int error, shift = 0;

	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	end = strim(copy);
	end += strlen(end);
	if (end > copy && (unit = strchr(units, end[-1])) && *unit) {
		shift = (unit - units) * 10;
		end[-1] = '\0';
	}
	error = kstrtoull(strim(copy), 10, &number);
	kfree(copy);
	if (error)
		return error;
	if (number > ULLONG_MAX >> shift)
		return -ERANGE;
	*size = number << shift;
	return 0;
}

static ssize_t max_memsize_store(struct kobject *object,
				 struct kobj_attribute *attribute,
				 const char *text, size_t length)
{
	unsigned long size, pages;
	int error = parse_size(text, &size);

	if (error)
		return error;
	pages = ALIGN_DOWN(size, MEMSIZE_UNIT) / PMD_SIZE;
	mutex_lock(&gmem_lock);
	if (pages && pages < gmem_active_pages + gmem_free_pages)
		error = -EINVAL;
	else
		gmem_max_pages = pages;
	mutex_unlock(&gmem_lock);
	return error ? error : length;
}

static ssize_t nr_freepages_show(struct kobject *object,
				 struct kobj_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%u\n", gmem_free_pages);
}

static ssize_t nr_activepages_show(struct kobject *object,
				   struct kobj_attribute *attribute,
				   char *text)
{
	return sysfs_emit(text, "%u\n", gmem_active_pages);
}

static struct kobj_attribute max_memsize =
	__ATTR(max_memsize, 0640, max_memsize_show, max_memsize_store);
static struct kobj_attribute nr_freepages =
	__ATTR(nr_freepages, 0440, nr_freepages_show, NULL);
static struct kobj_attribute nr_activepages =
	__ATTR(nr_activepages, 0440, nr_activepages_show, NULL);

static const struct attribute *attributes[] = {
	&max_memsize.attr, &nr_freepages.attr, &nr_activepages.attr, NULL
};

void gmem_unregister_statistics(void)
{
	remove_proc_entry("gmemstat", NULL);
	kobject_put(node);
	kobject_put(all_nodes);
}

int gmem_register_statistics(void)
{
	char name[24];

	snprintf(name, sizeof(name), "hnode%d", gmem_hnid());
	all_nodes = kobject_create_and_add("gmem", *kernel.mm_kobject);
	node = all_nodes ? kobject_create_and_add(name, all_nodes) : NULL;
	if (!node || sysfs_create_files(node, attributes) ||
	    !proc_create_single("gmemstat", 0444, NULL, show_gmemstat)) {
		gmem_unregister_statistics();
		return -ENOMEM;
	}
	return 0;
}
