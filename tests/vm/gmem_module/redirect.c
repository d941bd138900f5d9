// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * Part of a double for GMEM kernels: calls of the kernel's own functions that
 * a GMEM kernel answers otherwise come to this module's functions instead.
 * They are entered as the kernel's were, with their arguments and their caller.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/version.h>

#include "gmem_double.h"

struct redirection {
	struct kprobe probe;
	bool (*is_wanted)(struct pt_regs *regs);
	void *to;
};

/* Calls within this module's functions: it must not be unloaded below them. */
static atomic_t calls_inside = ATOMIC_INIT(0);

void gmem_redirect_done(void)
{
	atomic_dec(&calls_inside);
}

static int redirect(struct kprobe *probe, struct pt_regs *regs)
{
	const struct redirection *way =
		container_of(probe, struct redirection, probe);

	if (!way->is_wanted(regs))
		return 0;
	atomic_inc(&calls_inside);
	instruction_pointer_set(regs, (unsigned long)way->to);
	return 1;
}
NOKPROBE_SYMBOL(redirect);

/* Without one, probes are set in a way that ignores where they point to. */
static void after(struct kprobe *probe, struct pt_regs *regs,
		  unsigned long flags)
{
}

/* A system call's function is given the user's registers. */
static bool maps_peer_shared(struct pt_regs *regs)
{
	const struct pt_regs *user = (const struct pt_regs *)regs->di;

	return user->r10 & gmem_peer_flag();
}

static bool always(struct pt_regs *regs)
{
	return true;
}

static bool touches_device_page(struct pt_regs *regs)
{
	const struct vm_area_struct *vma =
		(const struct vm_area_struct *)regs->di;

	return gmem_is_peer(vma) &&
	       gmem_has_page(vma->vm_mm, regs->si & PMD_MASK);
}

static bool fills_a_page_of_ours(struct pt_regs *regs)
{
	return gmem_is_filling();
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define ZERO_HUGE_PAGE "folio_zero_user"
#else
#define ZERO_HUGE_PAGE "clear_huge_page"
#endif

#define REDIRECTION(name, condition, function) {	\
		.probe = { .symbol_name = name,		\
			   .pre_handler = redirect,	\
			   .post_handler = after },	\
		.is_wanted = condition,			\
		.to = function,				\
	}

static struct redirection redirections[] = {
	REDIRECTION(ZERO_HUGE_PAGE, fills_a_page_of_ours, gmem_fill_huge_page),
	REDIRECTION("handle_mm_fault", touches_device_page,
		    gmem_handle_mm_fault),
	REDIRECTION("__x64_sys_munmap", always, gmem_sys_munmap),
	REDIRECTION("__x64_sys_mmap", maps_peer_shared, gmem_sys_mmap),
};

static void stop(int count)
{
	while (count--)
		unregister_kprobe(&redirections[count].probe);
	while (atomic_read(&calls_inside))
		msleep(20);
	synchronize_rcu_tasks();	/* their last instructions */
}

int gmem_redirect(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(redirections); i++) {
		int error = register_kprobe(&redirections[i].probe);

		if (error) {
			pr_err("gmem_double: %s cannot be redirected\n",
			       redirections[i].probe.symbol_name);
			stop(i);
			return error;
		}
	}
	return 0;
}

void gmem_stop_redirecting(void)
{
	stop(ARRAY_SIZE(redirections));
}
