/* SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only */
/*
 * A double for GMEM kernels and their accelerators, which are not here: it
 * serves /dev/gmem on an ordinary kernel in a guest.  The memory of one NUMA
 * node stands for the device's.  A page that is prefetched leaves the CPU's
 * page table for that node; the CPU's next touch brings it home.
 */
#ifndef GMEM_DOUBLE_H
#define GMEM_DOUBLE_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/types.h>

#define GMEM_PAGE_ORDER (PMD_SHIFT - PAGE_SHIFT)
#define GMEM_PARTS (1UL << GMEM_PAGE_ORDER)

/* What gm_ret leaks out of the kernel's internals. */
#define GM_RET_FAILURE_UNKNOWN 5

/*
 * Ordinary kernels leave these bits of a mapping's flags alone, copy them at
 * fork, and merge no mappings that differ in them.
 */
#define VM_PEER_SHARED BIT(56)
#define VM_PEER_COLOUR_SHIFT 57
#define VM_PEER_COLOURS 32

enum generation { GMEM_6_4 = 1, GMEM_6_6 = 2, GMEM_NEWEST = 3 };

/* module.c: the parameters */
extern int gmem_generation;
extern int gmem_device_node;
extern bool gmem_on;
extern bool gmem_any_thread;

int gmem_hnid(void);
void gmem_violation(const char *what);

/* symbols.c: functions that the kernel does not export */
struct kernel_functions {
	unsigned long (*mmap_region)(struct file *file, unsigned long address,
				     unsigned long size, vm_flags_t flags,
				     unsigned long offset,
				     struct list_head *events);
	unsigned long (*get_unmapped_area)(struct file *file,
					   unsigned long address,
					   unsigned long size,
					   unsigned long offset,
					   unsigned long flags,
					   vm_flags_t vm_flags);
	int (*populate)(unsigned long start, unsigned long size,
			int ignore_errors);
	void (*zap)(struct vm_area_struct *vma, unsigned long start,
		    unsigned long size, struct zap_details *details);
	vm_fault_t (*huge_fault)(struct vm_fault *vmf);
	int (*p4d_alloc)(struct mm_struct *mm, pgd_t *pgd, unsigned long at);
	int (*pud_alloc)(struct mm_struct *mm, p4d_t *p4d, unsigned long at);
	int (*pmd_alloc)(struct mm_struct *mm, pud_t *pud, unsigned long at);
	pmd_t (*collapse_flush)(struct vm_area_struct *vma, unsigned long at,
				pmd_t *pmd);
	void (*table_sync)(void);
	struct kobject **mm_kobject;
};

extern struct kernel_functions kernel;
int gmem_find_symbols(void);

/* redirect.c: calls of the kernel's that come to this module instead */
int gmem_redirect(void);
void gmem_stop_redirecting(void);
void gmem_redirect_done(void);

/* device_memory.c; below gmem_lock */
struct page *gmem_get_device_page(void);
void gmem_put_device_page(struct page *page);
void gmem_free_device_memory(void);

extern unsigned long gmem_max_pages;	/* 0: as many as there are */
extern unsigned int gmem_free_pages;
extern unsigned int gmem_active_pages;

/* ledger.c: which 2 MiB pages of which process are not the CPU's */
struct peer_page {
	struct hlist_node hash;
	struct list_head order;		/* the hot ones last */
	struct mm_struct *mm;
	unsigned long address;
	struct page *content;
	bool evicted;			/* the content is in the host's memory */
	bool pinned;
	int failures;			/* to get a huge page at home */
	struct rcu_head rcu;
};

extern struct mutex gmem_lock;		/* inner to mmap_lock */
extern struct list_head gmem_pages;

struct peer_page *gmem_find_page(struct mm_struct *mm, unsigned long address);
bool gmem_has_page(struct mm_struct *mm, unsigned long address);
struct peer_page *gmem_add_page(struct mm_struct *mm, unsigned long address,
				struct page *content);
void gmem_drop_page(struct peer_page *page);
void gmem_drop_pages(struct mm_struct *mm, unsigned long start,
		     unsigned long end);

/* attach.c: processes that use the device */
int gmem_watch_process(void);
bool gmem_is_attached(void);
int gmem_register_control(void);
void gmem_unregister_control(void);

/* mapping.c */
unsigned long gmem_peer_flag(void);
long gmem_sys_mmap(const struct pt_regs *regs);
long gmem_sys_munmap(const struct pt_regs *regs);
bool gmem_is_peer(const struct vm_area_struct *vma);
void gmem_lock_faults_out(struct vm_area_struct *vma);

/* migrate.c */
int gmem_to_device(unsigned long address);
vm_fault_t gmem_handle_mm_fault(struct vm_area_struct *vma,
				unsigned long address, unsigned int flags,
				struct pt_regs *regs);
void gmem_fill_huge_page(struct page *page);
bool gmem_is_filling(void);

/* ioctl.c */
int gmem_register_device(void);
void gmem_unregister_device(void);

/* statistics.c */
extern atomic64_t gmem_moved_to_device;
extern atomic64_t gmem_moved_home;
int gmem_register_statistics(void);
void gmem_unregister_statistics(void);

#endif
