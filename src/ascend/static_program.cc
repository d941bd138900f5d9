// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/static_program.h"

#include <link.h>

#include <cstddef>

namespace gmem::ascend {
namespace {

// Of the first object alone, which is the program.
int has_interpreter(dl_phdr_info* program, std::size_t, void* found) {
  for (int i = 0; i < program->dlpi_phnum; ++i)
    if (program->dlpi_phdr[i].p_type == PT_INTERP)
      *static_cast<bool*>(found) = true;
  return 1;
}

}  // namespace

bool is_static_program() {
  bool found = false;
  dl_iterate_phdr(has_interpreter, &found);
  return !found;
}

}  // namespace gmem::ascend
