// SPDX-License-Identifier: MulanPSL-2.0
#include "core/range_extent.h"

#include <errno.h>

namespace gmem {

Error find_extent(const ByteRange& range, Mapping* first, Mapping* last) {
  Mapping mapping;
  std::uintptr_t mapped_to = range.begin();
  bool denied = false;
  for (VmaWalk walk(range); walk.next(&mapping); mapped_to = mapping.end) {
    if (mapping.begin > mapped_to) return -ENOMEM;
    if (mapping.begin <= range.begin()) *first = mapping;
    *last = mapping;
    denied |= !mapping.accessible();
  }
  if (mapped_to < range.end()) return -ENOMEM;
  return denied ? -EACCES : 0;
}

}  // namespace gmem
