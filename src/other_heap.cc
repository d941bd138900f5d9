// SPDX-License-Identifier: MulanPSL-2.0
#include "other_heap.h"

extern "C" {
void free(void* pointer) noexcept;
[[gnu::visibility("hidden")]] extern void gmem_own_free(void* pointer) noexcept;
[[gnu::visibility("hidden")]] bool gmem_heap_has(const void* address);
}

namespace gmem {

// By its name, free is the one that the loader has found for all of the
// program, which may be another library's.
bool free_elsewhere(void* block) {
  if (free == gmem_own_free || gmem_heap_has(block)) return false;
  free(block);
  return true;
}

}  // namespace gmem
