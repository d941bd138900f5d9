// SPDX-License-Identifier: MulanPSL-2.0
// The nodes of devices that the kernel knows, and the devices that this
// process has attached.
#ifndef GMEM_TESTS_DOUBLES_DEVICES_ATTACHED_H
#define GMEM_TESTS_DOUBLES_DEVICES_ATTACHED_H

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {

// Of the one installed kernel.
const Options& options();

// Fills in what the options leave to the machine, and attaches as they say.
void set_options(const Options& wanted);

// The one that GMEM_GET_HNUMA_ID answers with, or -1.
int first_attached_hnid();
bool is_attached_hnid(int hnid);
// A node of a device, attached or not; hnid within 0..MAX_NUMNODES-1.
bool is_hetero_node(int hnid);
// Whether the calling thread's set of allowed nodes has it (6.4, 6.6).
bool is_allowed_node(int hnid);
// errno of open, or 0.
int open_error();

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_DEVICES_ATTACHED_H
