// SPDX-License-Identifier: MulanPSL-2.0
// What the heap holds at the moment, for the report at exit.
#ifndef GMEM_HEAP_HEAP_USAGE_H
#define GMEM_HEAP_HEAP_USAGE_H

#include <cstddef>

#include "core/device.h"

namespace gmem::heap {

struct HeapUsage {
  std::size_t allocated;  // by the program, in jemalloc's size classes
  std::size_t active;     // in kernel pages that hold such memory
  std::size_t resident;   // what jemalloc takes to be resident, at most
};

HeapUsage heap_usage();

// Bytes of the heap's chunks that are resident on a node, or on any.
Error heap_resident_on(Device& device, Hnid node, std::size_t* resident);

}  // namespace gmem::heap

#endif  // GMEM_HEAP_HEAP_USAGE_H
