// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/heap_usage.h"

#include <gmem_jemalloc.h>

#include <cstdint>

#include "heap/heap_state.h"

namespace gmem::heap {
namespace {

std::size_t read_statistic(const char* name) {
  std::size_t value = 0;
  std::size_t length = sizeof value;
  return gmem_je_mallctl(name, &value, &length, nullptr, 0) == 0 ? value : 0;
}

PageRange next_run(std::uintptr_t from) {
  HeapLock lock;
  return heap_state.chunks.next_run(from);
}

}  // namespace

HeapUsage heap_usage() {
  // jemalloc's statistics are of the last time that the epoch advanced.
  std::uint64_t epoch = 1;
  gmem_je_mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  return {read_statistic("stats.allocated"), read_statistic("stats.active"),
          read_statistic("stats.resident")};
}

Error heap_resident_on(Device& device, Hnid node, std::size_t* resident) {
  *resident = 0;
  for (PageRange run = next_run(0); !run.empty(); run = next_run(run.end())) {
    std::size_t bytes = 0;
    const Error error = device.resident_size(run.bytes(), node, &bytes);
    if (error != 0) return error;
    *resident += bytes;
  }
  return 0;
}

}  // namespace gmem::heap
