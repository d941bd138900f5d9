// SPDX-License-Identifier: MulanPSL-2.0
// gmemPrefetch from one NUMA node to another, against the kernel's own ways of
// moving the same memory, or of filling it in there.  Runs in a guest, whose
// CPU is emulated: the unit of all times is therefore what memcpy takes
// between the same nodes there.
#include "vm/placement.h"

#include <numa.h>
#include <numaif.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include <algorithm>
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

using placement::kHome;
using placement::kTarget;

constexpr std::size_t kSize = 128 * bench::kMiB;
constexpr std::size_t kRounds = 8;
constexpr std::size_t kRawPieces[] = {2, 8, 32};  // MiB

enum class Pages { kHuge, kSmall };

gmem::ByteRange all_of(const bench::Mapping& memory) {
  return *gmem::ByteRange::from(memory.begin(), memory.size());
}

bool all_huge() {
  const std::string rollup = placement::text_of("/proc/self/smaps_rollup");
  const std::size_t at = rollup.find("AnonHugePages:");
  return at != std::string::npos &&
         std::stoul(rollup.substr(at + strlen("AnonHugePages:"))) * 1024 >=
             kSize;
}

// By touching, as programs do: populated memory counts as used already.
void fill_on(int node, const bench::Mapping& memory, Pages pages) {
  const placement::ThreadPolicy policy(MPOL_PREFERRED, node);
  memory.advise(pages == Pages::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  for (std::size_t at = 0; at < kSize; at += placement::small_page())
    *static_cast<volatile char*>(memory.at(at)) = 1;
  if (pages == Pages::kHuge && !all_huge())
    bench::fail("touching", "the kernel gave no huge pages");
}

template <typename Act>
double duration(Act act) {
  const double start = now_ns();
  act();
  return now_ns() - start;
}

// The best of a few, in nanoseconds.
double time_of_memcpy() {
  const bench::Mapping from(kSize);
  const bench::Mapping to(kSize);
  fill_on(kHome, from, Pages::kHuge);
  fill_on(kTarget, to, Pages::kHuge);
  const auto copy = [&] { memcpy(to.at(0), from.at(0), kSize); };
  double best = duration(copy);
  for (int i = 0; i < 4; ++i) best = std::min(best, duration(copy));
  return best;
}

// Times in percent of a memcpy; a time counts only where the memory lies where
// it should afterwards.
class Meter {
 public:
  template <typename Act>
  double measure(const bench::Mapping& memory, Act act) const {
    const double time = duration([&] { act(memory); });
    if (!placement::lies_on(all_of(memory), kTarget))
      bench::fail("placement", "the memory does not lie on the target");
    return time / unit_ * 100;
  }

  template <typename Act>
  double measure_untouched(Act act) const {
    return measure(bench::Mapping(kSize), act);
  }

  template <typename Act>
  double measure_move(Pages pages, Act act) const {
    const bench::Mapping memory(kSize);
    fill_on(kHome, memory, pages);
    return measure(memory, act);
  }

  template <typename Act>
  double measure_in_place(Pages pages, Act act) const {
    const bench::Mapping memory(kSize);
    fill_on(kTarget, memory, pages);
    return measure(memory, act);
  }

 private:
  const double unit_ = time_of_memcpy();
};

void prefetch(const bench::Mapping& memory) {
  bench::expect_success(
      "gmemPrefetch",
      gmemPrefetch(memory.begin(), memory.size(), kTarget, nullptr));
}

// Moves what lies at each multiple of `stride`, so many addresses a call.  That
// single pages are reported not to have moved is no failure: they may have,
// with the huge page that they are part of.
auto move_each(std::size_t stride, std::size_t batch) {
  return [=](const bench::Mapping& memory) {
    std::vector<void*> pages;
    for (std::size_t at = 0; at < memory.size(); at += stride)
      pages.push_back(memory.at(at));
    std::vector<int> nodes(pages.size(), kTarget);
    std::vector<int> status(pages.size());
    for (std::size_t first = 0; first < pages.size(); first += batch)
      if (numa_move_pages(0, std::min(batch, pages.size() - first),
                          &pages[first], &nodes[first], &status[first],
                          MPOL_MF_MOVE) < 0)
        bench::fail("numa_move_pages", strerror(errno));
  };
}

auto populate_in_pieces_of(std::size_t mib) {
  return [=](const bench::Mapping& memory) {
    const placement::ThreadPolicy policy(MPOL_PREFERRED, kTarget);
    bench::raw_populate(memory, mib * bench::kMiB);
  };
}

const char kOurs[] = "gmemPrefetch";
const char kInPlace[] = "gmemPrefetch of what is in place already";

void report_in_place(const std::string& group) {
  bench::report_ratio(group, "moving, times what is in place", kOurs, kInPlace,
                      "at least 20");
}

void bench_huge_pages(const std::string& group, const Meter& meter) {
  constexpr std::size_t kHugePage = gmem::kPageSize;
  const std::size_t small_page = placement::small_page();
  const auto move = [&](auto act) {
    return [=, &meter] { return meter.measure_move(Pages::kHuge, act); };
  };
  bench::run_rounds(
      group,
      {{kOurs, move(prefetch)},
       {"move_pages of the heads, 8 a call", move(move_each(kHugePage, 8))},
       {"move_pages of the heads, one call",
        move(move_each(kHugePage, kSize / kHugePage))},
       {"numa_move_pages of each 4 KiB, 512 a call",
        move(move_each(small_page, 512))},
       {"numa_move_pages of each 4 KiB, one call",
        move(move_each(small_page, kSize / small_page))},
       {kInPlace,
        [&] { return meter.measure_in_place(Pages::kHuge, prefetch); }}},
      kRounds);
  bench::report_ratio(group, "time, of the better of the heads' two", kOurs,
                      "move_pages of the heads*", "at most 1.1");
  bench::report_ratio(group, "speed, times the better of each 4 KiB",
                      "numa_move_pages*", kOurs, "at least 1.8");
  report_in_place(group);
}

void bench_small_pages(const std::string& group, const Meter& meter) {
  const std::string raw = "move_pages, 512 a call";
  const auto move = [&](auto act) {
    return [=, &meter] { return meter.measure_move(Pages::kSmall, act); };
  };
  bench::run_rounds(
      group,
      {{kOurs, move(prefetch)},
       {raw, move(move_each(placement::small_page(), 512))},
       {kInPlace,
        [&] { return meter.measure_in_place(Pages::kSmall, prefetch); }}},
      kRounds);
  bench::report_ratio(group, "time, of move_pages", kOurs, raw, "at most 1.1");
  report_in_place(group);
}

void bench_untouched(const std::string& group, const Meter& meter) {
  const std::string raw = "MADV_POPULATE_WRITE, all CPUs, pieces of ";
  std::vector<bench::Way> ways = {
      {kOurs, [&] { return meter.measure_untouched(prefetch); }}};
  for (const std::size_t piece : kRawPieces)
    ways.push_back({raw + std::to_string(piece) + " MiB", [&meter, piece] {
                      return meter.measure_untouched(
                          populate_in_pieces_of(piece));
                    }});
  bench::run_rounds(group, ways, kRounds);
  bench::report_ratio(group, "time, of the best MADV_POPULATE_WRITE", kOurs,
                      raw + "*", "at most 1.05");
}

// "6.12" of "6.12.95+deb12-cloud-amd64".
std::string kernel() {
  utsname system;
  uname(&system);
  const std::string release = system.release;
  return release.substr(0, release.find('.', release.find('.') + 1));
}

}  // namespace

int main() {
  const Meter meter;
  const std::string prefix = kernel() + ", " + bench::in_mib(kSize);
  const std::string unit = ", % of memcpy";
  bench_huge_pages(prefix + " of 2 MiB pages" + unit, meter);
  bench_small_pages(prefix + " of 4 KiB pages" + unit, meter);
  bench_untouched(prefix + " untouched" + unit, meter);
  // For the guest's init, to which a program is a test.
  puts("1..1\nok 1 - measured");
}
