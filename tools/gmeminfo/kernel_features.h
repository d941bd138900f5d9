// SPDX-License-Identifier: MulanPSL-2.0
// What of the kernel libgmem can use in this process, found by trying.
#ifndef GMEM_TOOLS_GMEMINFO_KERNEL_FEATURES_H
#define GMEM_TOOLS_GMEMINFO_KERNEL_FEATURES_H

#include <vector>

namespace gmeminfo {

struct Feature {
  const char* name;
  int error;  // 0: it works; else the errno of the attempt

  bool works() const { return error == 0; }
  // "yes", "refused" (a right is missing), "no" (not in this kernel), or the
  // error in words.
  const char* outcome() const;
};

// Changes this process's memory policy, and nothing else that lasts.
std::vector<Feature> try_kernel_features();

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_KERNEL_FEATURES_H
