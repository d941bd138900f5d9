// SPDX-License-Identifier: MulanPSL-2.0
// The double as the environment describes it, for whole programs:
// GMEM_KERNEL_DOUBLE="generation=6.4|6.6|newest,on=yes|no,open_error=13,
// attached=yes|no,hnid=4,device_pages=100".
#ifndef GMEM_TESTS_DOUBLES_ENVIRONMENT_H
#define GMEM_TESTS_DOUBLES_ENVIRONMENT_H

namespace gmem_kernel {

inline constexpr char kVariable[] = "GMEM_KERNEL_DOUBLE";

// A program that cannot have it ends with 77, and with the reason on standard
// error.  Allocates nothing where an hnid is given.
void install_as_told(const char* text);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_ENVIRONMENT_H
