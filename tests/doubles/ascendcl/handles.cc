// SPDX-License-Identifier: MulanPSL-2.0
#include "handles.h"

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace acl_double {

void* new_handle() {
  constexpr std::size_t kAreaSize = std::size_t{1} << 30;
  constexpr std::size_t kStep = 64;
  static void* const area =
      mmap(nullptr, kAreaSize, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  static std::size_t used = 0;
  if (area == MAP_FAILED || used == kAreaSize) throw std::bad_alloc();
  void* const handle = static_cast<char*>(area) + used;
  used += kStep;
  return handle;
}

}  // namespace acl_double
