// SPDX-License-Identifier: MulanPSL-2.0
// gmemPrefetch of untouched memory, against the kernel's own populating on all
// CPUs and against touching page by page.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <vector>

#include "support/calls.h"
#include "support/clock.h"
#include "support/mapping.h"
#include "support/raw_populate.h"
#include "support/room.h"
#include "support/rounds.h"

namespace {

constexpr std::size_t kRounds = 10;
constexpr std::size_t kTouchRounds = 2;           // of seconds each
constexpr std::size_t kRawPieces[] = {2, 8, 32};  // MiB
constexpr double kMillisecond = 1e6;

// Each measurement has memory that nobody has touched.
template <typename Fill>
double time_fill(std::size_t size, Fill fill) {
  const bench::Mapping memory(size);
  const double start = now_ns();
  fill(memory);
  return (now_ns() - start) / kMillisecond;
}

void prefetch(const bench::Mapping& memory) {
  bench::expect_success(
      "gmemPrefetch",
      gmemPrefetch(memory.begin(), memory.size(), gmemGetNumaId(), nullptr));
}

void touch(const bench::Mapping& memory) {
  memory.advise(MADV_NOHUGEPAGE);
  const auto page = static_cast<std::size_t>(getpagesize());
  for (std::size_t at = 0; at < memory.size(); at += page)
    *static_cast<volatile char*>(memory.at(at)) = 1;
}

}  // namespace

int main() {
  const std::size_t size = bench::affordable_size();
  const std::string group =
      "prefetch of " + bench::in_mib(size) + " untouched, ms";
  const std::string ours = "gmemPrefetch";
  const std::string raw = "MADV_POPULATE_WRITE, all CPUs, pieces of ";
  const std::string touching = "touching kernel pages, one CPU";

  std::vector<bench::Way> ways;
  ways.push_back({ours, [=] { return time_fill(size, prefetch); }});
  for (const std::size_t piece : kRawPieces) {
    const auto fill = [=](const bench::Mapping& memory) {
      bench::raw_populate(memory, piece * bench::kMiB);
    };
    ways.push_back({raw + std::to_string(piece) + " MiB",
                    [=] { return time_fill(size, fill); }});
  }
  bench::run_rounds(group, ways, kRounds);
  // By itself, for it leaves the kernel's memory in small pieces.
  bench::run_rounds(group, {{touching, [=] { return time_fill(size, touch); }}},
                    kTouchRounds);

  bench::report_ratio(group, "speed, of the best MADV_POPULATE_WRITE",
                      raw + "*", ours, "at least 0.95");
  bench::report_ratio(group, "speed, times touching", touching, ours,
                      "at least 8");
  bench::note_smaller_size(group, size);
}
