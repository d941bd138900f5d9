// SPDX-License-Identifier: MulanPSL-2.0
// The double as the environment describes it, for whole programs:
// GMEM_KERNEL_DOUBLE="generation=6.4|6.6|newest,on=yes|no,open_error=13,
// attached=yes|no,hnid=4,device_pages=100".
#ifndef GMEM_TESTS_DOUBLES_ENVIRONMENT_H
#define GMEM_TESTS_DOUBLES_ENVIRONMENT_H

namespace gmem_kernel {

// As the loader passes it: this runs before the C library has its own.  A
// program that cannot have the double ends with 77, and with the reason on
// standard error.  Where an hnid is given, nothing is allocated.
void install_from(const char* const* environment);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_ENVIRONMENT_H
