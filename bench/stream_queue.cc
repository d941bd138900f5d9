// SPDX-License-Identifier: MulanPSL-2.0
// What the caller waits for when it queues an operation on a stream, and that
// each operation that was queued is carried out.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "support/calls.h"
#include "support/clock.h"
#include "support/mapping.h"
#include "support/raw_populate.h"
#include "support/room.h"

namespace {

constexpr int kRounds = 9;
constexpr std::size_t kCalls = 10000;
constexpr std::size_t kRangeSize = 4096;
constexpr std::size_t kResidentSize = 32 * bench::kMiB;
constexpr std::size_t kProofPages = 1000;
const char kGroup[] = "queuing gmemPrefetch on a stream, ns a call";

class Stream {
 public:
  Stream() {
    bench::expect_success("gmemStreamCreate", gmemStreamCreate(&handle_));
  }
  ~Stream() {
    bench::expect_success("gmemStreamDestroy", gmemStreamDestroy(handle_));
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void prefetch(std::uintptr_t address, std::size_t size) {
    bench::expect_success("gmemPrefetch on a stream",
                          gmemPrefetch(address, size, node_, handle_));
  }
  void free_eager(std::uintptr_t address, std::size_t size) {
    bench::expect_success("gmemFreeEager on a stream",
                          gmemFreeEager(address, size, handle_));
  }
  void synchronize() {
    bench::expect_success("gmemStreamSynchronize",
                          gmemStreamSynchronize(handle_));
  }

 private:
  const int node_ = gmemGetNumaId();
  void* handle_ = nullptr;
};

// The i-th of small ranges that are resident already.
void queue_one(Stream& stream, const bench::Mapping& resident, std::size_t i) {
  stream.prefetch(resident.begin() + i * kRangeSize % resident.size(),
                  kRangeSize);
}

// A rank of 0.5 is the median.
double quantile(std::vector<double>& values, double rank) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(
                           rank * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

void measure_each(Stream& stream, const bench::Mapping& resident) {
  std::vector<double> times(kCalls);
  for (std::size_t i = 0; i < kCalls; ++i) {
    const double start = now_ns();
    queue_one(stream, resident, i);
    times[i] = now_ns() - start;
  }
  stream.synchronize();
  bench::report_sample(kGroup, "each call timed, median (aim: under 300)",
                       quantile(times, 0.5));
  bench::report_sample(kGroup, "each call timed, 99th percentile",
                       quantile(times, 0.99));
}

void measure_clock() {
  std::vector<double> times(kCalls);
  for (double& time : times) {
    const double start = now_ns();
    time = now_ns() - start;
  }
  bench::report_sample(kGroup, "nothing timed, median: the clock's share",
                       quantile(times, 0.5));
}

void measure_all(Stream& stream, const bench::Mapping& resident) {
  const double start = now_ns();
  for (std::size_t i = 0; i < kCalls; ++i) queue_one(stream, resident, i);
  const double queued = now_ns();
  stream.synchronize();
  const double done = now_ns();
  bench::report_sample(kGroup,
                       std::to_string(kCalls) + " calls timed as one, mean",
                       (queued - start) / kCalls);
  bench::report_sample(kGroup, "the same until all are carried out, mean",
                       (done - start) / kCalls);
}

std::size_t resident_pages(const bench::Mapping& memory) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < memory.size(); at += GMEM_PAGE_SIZE) {
    unsigned char in_core = 0;
    if (mincore(memory.at(at), 1, &in_core) != 0)
      bench::fail("mincore", strerror(errno));
    count += in_core & 1;
  }
  return count;
}

// Operations whose effect the kernel shows: each has a page of its own.
std::size_t count_lost(Stream& stream, const bench::Mapping& memory) {
  const std::size_t pages = memory.size() / GMEM_PAGE_SIZE;
  for (std::size_t i = 0; i < pages; ++i)
    stream.prefetch(memory.begin() + i * GMEM_PAGE_SIZE, kRangeSize);
  stream.synchronize();
  std::size_t lost = pages - resident_pages(memory);
  for (std::size_t i = 0; i < pages; ++i)
    stream.free_eager(memory.begin() + i * GMEM_PAGE_SIZE, GMEM_PAGE_SIZE);
  stream.synchronize();
  lost += resident_pages(memory);
  return lost;
}

}  // namespace

int main() {
  const bench::Mapping resident(kResidentSize);
  bench::raw_populate(resident, kResidentSize);
  const bench::Mapping proof(
      std::min(kProofPages * GMEM_PAGE_SIZE, bench::affordable_size()));
  const std::size_t proof_calls = proof.size() / GMEM_PAGE_SIZE * 2;
  std::size_t lost = 0;
  for (int round = 0; round < kRounds; ++round) {
    Stream stream;
    measure_each(stream, resident);
    measure_clock();
    measure_all(stream, resident);
    lost += count_lost(stream, proof);
  }
  bench::report_note(
      kGroup, "lost: " + std::to_string(lost) + " of " +
                  std::to_string(proof_calls * kRounds) +
                  " queued calls whose effect was looked for in the memory");
  if (lost != 0) bench::fail("the stream", "lost operations");
}
