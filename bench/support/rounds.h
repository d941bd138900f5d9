// SPDX-License-Identifier: MulanPSL-2.0
// Several ways of doing the same, measured in turn: noise that lasts a while
// then meets all of them.
#ifndef GMEM_BENCH_ROUNDS_H
#define GMEM_BENCH_ROUNDS_H

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "support/report.h"

namespace bench {

struct Way {
  std::string name;
  std::function<double()> measure;
};

// Each round begins with another way, and every second one goes backwards, so
// that none is always the first, or always comes after the same other.  One
// round more is made first and not reported: it wakes the machine, and gives
// it the memory that the others use.
inline void run_rounds(const std::string& group, const std::vector<Way>& ways,
                       std::size_t rounds) {
  const std::size_t count = ways.size();
  for (const Way& way : ways) way.measure();
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t turn = (i + round / 2) % count;
      const Way& way = ways[round % 2 == 0 ? turn : count - 1 - turn];
      report_sample(group, way.name, way.measure());
    }
  }
}

}  // namespace bench

#endif  // GMEM_BENCH_ROUNDS_H
