// SPDX-License-Identifier: MulanPSL-2.0
// Which libgmem to preload, and how.
#ifndef GMEM_TOOLS_GMEMRUN_LIBRARY_H
#define GMEM_TOOLS_GMEMRUN_LIBRARY_H

#include <string>

namespace gmemrun {

// $GMEM_LIBRARY, else the one in the build tree that this tool lies in, else
// the installed one.  Empty, after saying why, where it cannot be preloaded.
std::string find_library();

// Puts the library before what LD_PRELOAD names already.
void preload(const std::string& library);

}  // namespace gmemrun

#endif  // GMEM_TOOLS_GMEMRUN_LIBRARY_H
