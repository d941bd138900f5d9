// SPDX-License-Identifier: MulanPSL-2.0
// The kernel's own way of filling memory in, on all CPUs: what a program
// without the library could do at best.
#ifndef GMEM_BENCH_RAW_POPULATE_H
#define GMEM_BENCH_RAW_POPULATE_H

#include <cstddef>

#include "support/mapping.h"

namespace bench {

// Asks for huge pages, then fills the mapping in on as many threads as there
// are CPUs to run on.  Each takes the next piece when it is done with one.
void raw_populate(const Mapping& memory, std::size_t piece_size);

}  // namespace bench

#endif  // GMEM_BENCH_RAW_POPULATE_H
