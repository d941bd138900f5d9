// SPDX-License-Identifier: MulanPSL-2.0
#include "support/raw_populate.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace bench {
namespace {

int usable_cpus() {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
    fail("sched_getaffinity", strerror(errno));
  return CPU_COUNT(&cpus);
}

}  // namespace

void raw_populate(const Mapping& memory, std::size_t piece_size) {
  memory.advise(MADV_HUGEPAGE);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (;;) {
      const std::size_t piece = next.fetch_add(piece_size);
      if (piece >= memory.size()) return;
      if (madvise(memory.at(piece), std::min(piece_size, memory.size() - piece),
                  MADV_POPULATE_WRITE) != 0)
        fail("MADV_POPULATE_WRITE", strerror(errno));
    }
  };
  std::vector<std::thread> helpers;
  for (int i = 1; i < usable_cpus(); ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace bench
