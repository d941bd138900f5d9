// SPDX-License-Identifier: MulanPSL-2.0
// gmemFreeEager of populated memory, against one madvise; and of a range that
// holds no whole page.
#include <sys/mman.h>

#include <cstddef>
#include <string>

#include "support/calls.h"
#include "support/clock.h"
#include "support/mapping.h"
#include "support/raw_populate.h"
#include "support/room.h"
#include "support/rounds.h"

namespace {

constexpr std::size_t kRounds = 16;
constexpr std::size_t kPieceSize = 8 * bench::kMiB;
constexpr int kEmptyCalls = 1000000;
constexpr double kMillisecond = 1e6;

template <typename Free>
double time_free(const bench::Mapping& memory, Free free_all) {
  bench::raw_populate(memory, kPieceSize);
  const double start = now_ns();
  free_all();
  return (now_ns() - start) / kMillisecond;
}

double time_empty_free(const bench::Mapping& memory) {
  const double start = now_ns();
  for (int i = 0; i < kEmptyCalls; ++i)
    bench::expect_success(
        "gmemFreeEager",
        gmemFreeEager(memory.begin() + 1, GMEM_PAGE_SIZE, nullptr));
  return (now_ns() - start) / kEmptyCalls;
}

void measure_whole() {
  const bench::Mapping memory(bench::affordable_size());
  const std::string group =
      "eager free of " + bench::in_mib(memory.size()) + " resident, ms";
  const std::string ours = "gmemFreeEager";
  const std::string raw = "one MADV_DONTNEED";
  const auto free_by_us = [&] {
    bench::expect_success(
        "gmemFreeEager", gmemFreeEager(memory.begin(), memory.size(), nullptr));
  };
  const auto free_raw = [&] { memory.advise(MADV_DONTNEED); };

  bench::run_rounds(group,
                    {{ours, [&] { return time_free(memory, free_by_us); }},
                     {raw, [&] { return time_free(memory, free_raw); }}},
                    kRounds);
  bench::report_ratio(group, "time, of one MADV_DONTNEED", ours, raw,
                      "at most 1.02");
  bench::note_smaller_size(group, memory.size());
}

void measure_empty() {
  const bench::Mapping memory(2 * GMEM_PAGE_SIZE);
  bench::run_rounds("eager free with nothing to release, ns a call",
                    {{"gmemFreeEager (aim: under 100)",
                      [&] { return time_empty_free(memory); }}},
                    kRounds);
}

}  // namespace

int main() {
  measure_whole();
  measure_empty();
}
