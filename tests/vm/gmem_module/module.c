// SPDX-License-Identifier: MulanPSL-2.0 OR GPL-2.0-only
/*
 * A double for GMEM kernels, for guests alone: see gmem_double.h.  It redirects
 * functions of the kernel and is no example for anything else.
 */
#include <linux/module.h>

#include "gmem_double.h"

int gmem_generation = GMEM_6_6;
module_param_named(generation, gmem_generation, int, 0644);
MODULE_PARM_DESC(generation, "1: Linux 6.4, 2: 6.6, 3: the newest 6.6");

int gmem_device_node = 2;
module_param_named(device_node, gmem_device_node, int, 0444);
MODULE_PARM_DESC(device_node, "the NUMA node that stands for the device");

bool gmem_on = true;
module_param_named(on, gmem_on, bool, 0644);
MODULE_PARM_DESC(on, "off: as a GMEM kernel that was booted without gmem=on");

bool gmem_any_thread;
module_param_named(any_thread, gmem_any_thread, bool, 0644);
MODULE_PARM_DESC(any_thread, "threads need not descend from the attaching one");

static int violations;
module_param(violations, int, 0644);
MODULE_PARM_DESC(violations, "calls that a real kernel would not survive");

/* Ids of devices begin after the last node that the machine could have. */
int gmem_hnid(void)
{
	return nr_node_ids;
}

void gmem_violation(const char *what)
{
	violations++;
	pr_err("gmem_double: %s: %s\n", current->comm, what);
}

static bool is_parameter_sane(void)
{
	return gmem_generation >= GMEM_6_4 && gmem_generation <= GMEM_NEWEST &&
	       gmem_device_node >= 0 && gmem_device_node < nr_node_ids &&
	       node_state(gmem_device_node, N_MEMORY);
}

static int __init gmem_init(void)
{
	int error;

	if (!is_parameter_sane())
		return -EINVAL;
	error = gmem_find_symbols();
	if (error)
		return error;
	error = gmem_redirect();
	if (error)
		return error;
	error = gmem_register_statistics();
	if (error)
		goto redirected;
	error = gmem_register_control();
	if (error)
		goto counted;
	error = gmem_register_device();
	if (error)
		goto controlled;
	return 0;

controlled:
	gmem_unregister_control();
counted:
	gmem_unregister_statistics();
redirected:
	gmem_stop_redirecting();
	return error;
}

static void __exit gmem_exit(void)
{
	gmem_unregister_device();
	gmem_unregister_control();
	gmem_unregister_statistics();
	gmem_stop_redirecting();
	gmem_free_device_memory();
}

module_init(gmem_init);
module_exit(gmem_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A double for GMEM kernels and their devices");
