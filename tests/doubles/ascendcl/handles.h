// SPDX-License-Identifier: MulanPSL-2.0
// Handles that point at nothing: who looks behind one faults at once.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_HANDLES_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_HANDLES_H

namespace acl_double {

// Never the same one twice.  Under the runtime's lock.
void* new_handle();

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_HANDLES_H
