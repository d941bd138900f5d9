// SPDX-License-Identifier: MulanPSL-2.0
// What glibc lets programs ask of its heap and set in it, besides blocks:
// answered for ours, of which glibc's own functions know nothing.
#include <errno.h>
#include <gmem_jemalloc.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>

#include "core/no_cancel.h"
#include "heap/heap_usage.h"
#include "heap/part_release.h"

#define GMEM_EXPORT extern "C" [[gnu::visibility("default")]]

extern "C" {
#pragma GCC visibility push(hidden)
std::size_t gmem_je_unused_bytes();
void gmem_je_give_unused_bytes_back();
#pragma GCC visibility pop
}

// What <malloc.h> declares, the second from glibc 2.33 on.
#define GMEM_MALLINFO(name, Number)                               \
  struct name {                                                   \
    Number arena; /* bytes that are in use or wait to be */       \
    Number ordblks, smblks, hblks, hblkhd, usmblks, fsmblks;      \
    Number uordblks; /* bytes in blocks of the program's */       \
    Number fordblks; /* bytes that are in none */                 \
    Number keepcost; /* bytes that malloc_trim could give back */ \
  }
GMEM_MALLINFO(MallInfo, int);
GMEM_MALLINFO(MallInfo2, std::size_t);

namespace {

template <typename Number>
Number bounded(std::size_t bytes) {
  return static_cast<Number>(
      std::min(bytes, static_cast<std::size_t>(
                          sizeof(Number) == sizeof(int) ? INT_MAX : SIZE_MAX)));
}

template <typename Info>
Info mall_info() {
  using Number = decltype(Info::arena);
  const gmem::heap::HeapUsage usage = gmem::heap::heap_usage();
  const std::size_t unused = gmem_je_unused_bytes();
  const std::size_t held = std::max(usage.active + unused, usage.allocated);
  Info info{};
  info.arena = bounded<Number>(held);
  info.uordblks = bounded<Number>(usage.allocated);
  info.fordblks = bounded<Number>(held - usage.allocated);
  info.keepcost = bounded<Number>(unused);
  return info;
}

}  // namespace

GMEM_EXPORT MallInfo mallinfo() noexcept { return mall_info<MallInfo>(); }

GMEM_EXPORT MallInfo2 mallinfo2() noexcept { return mall_info<MallInfo2>(); }

// 1: some memory went back.  What is to be left unused is not for the caller to
// say here.
GMEM_EXPORT int malloc_trim(std::size_t) noexcept {
  gmem_je_mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  const std::size_t unused = gmem_je_unused_bytes();
  gmem_je_give_unused_bytes_back();
  gmem::heap::release_unused_parts();
  return unused > gmem_je_unused_bytes() ? 1 : 0;
}

// Settings of glibc's are accepted, and none is followed: the heap's are in
// libgmem(7).
GMEM_EXPORT int mallopt(int parameter, int) noexcept {
  constexpr int kLowest = -8;  // M_ARENA_MAX
  constexpr int kHighest = 4;  // M_KEEP
  return parameter >= kLowest && parameter <= kHighest && parameter != 0;
}

// Neither this nor malloc_info is a place to cancel a thread at: nothing can be
// unwound through what throws nothing.
GMEM_EXPORT void malloc_stats() noexcept {
  const gmem::NoCancel no_cancel;
  const auto info = mall_info<MallInfo2>();
  dprintf(STDERR_FILENO,
          "libgmem: %zu bytes in use, %zu held for later, %zu unused\n",
          info.uordblks, info.fordblks, info.keepcost);
}

GMEM_EXPORT int malloc_info(int options, FILE* file) noexcept {
  if (options != 0) return EINVAL;
  const gmem::NoCancel no_cancel;
  const auto info = mall_info<MallInfo2>();
  const int written = fprintf(file,
                              "<malloc version=\"libgmem-1\">\n"
                              "<system type=\"current\" size=\"%zu\"/>\n"
                              "<total type=\"used\" size=\"%zu\"/>\n"
                              "<total type=\"rest\" size=\"%zu\"/>\n"
                              "</malloc>\n",
                              info.arena, info.uordblks, info.fordblks);
  return written < 0 ? -1 : 0;
}
