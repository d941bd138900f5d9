// SPDX-License-Identifier: MulanPSL-2.0
// The value that MAP_PEER_SHARED has in this kernel, found by trying: it is
// not the same in all GMEM kernels, and others ignore it silently.
#ifndef GMEM_ASCEND_PEER_FLAG_H
#define GMEM_ASCEND_PEER_FLAG_H

namespace gmem::ascend {

// 0 where the kernel has no such flag, or where there is no address space to
// try it in.  Callable from inside malloc; a few system calls until it is known.
int peer_shared_flag();

// Whether the kernel was booted with gmem=on: with gmem=off it knows the flag
// and refuses it.  Asks the kernel each time.
bool is_gmem_on();

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_PEER_FLAG_H
