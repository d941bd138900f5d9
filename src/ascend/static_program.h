// SPDX-License-Identifier: MulanPSL-2.0
#ifndef GMEM_ASCEND_STATIC_PROGRAM_H
#define GMEM_ASCEND_STATIC_PROGRAM_H

namespace gmem::ascend {

// Whether no dynamic loader came with the program.  What it then loads brings a
// second C library along, whose threads and memory are not the program's: the
// Ascend runtime would not survive that.
bool is_static_program();

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_STATIC_PROGRAM_H
