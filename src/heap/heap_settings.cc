// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/heap_settings.h"

namespace gmem::heap {
namespace {

// The measured trade-offs stand in libgmem(7).
constexpr HeapSettings kBalanced = {
    .huge_pages = HugePages::kLarge,
    .decay_ms = 1000,
    .arenas = 0,
    .thread_cache = std::size_t{8} << 20,
    .run_pages = 16,
    .releases_parts = true,
    .background_thread = true,
};

// Memory that was unused for a while is fetched anew at some cost; huge pages
// once cut up stay so.
constexpr HeapSettings kSpeed = {
    .huge_pages = HugePages::kAlways,
    .decay_ms = 10000,
    .arenas = 0,
    .thread_cache = std::size_t{8} << 20,
    .run_pages = 16,
    .releases_parts = false,
    .background_thread = true,
};

constexpr HeapSettings kMemory = {
    .huge_pages = HugePages::kNever,
    .decay_ms = 100,
    .arenas = 2,
    .thread_cache = std::size_t{32} << 10,
    .run_pages = 1,
    .releases_parts = true,
    .background_thread = true,
};

HeapSettings profile_settings(Profile profile) {
  switch (profile) {
    case Profile::kSpeed: return kSpeed;
    case Profile::kMemory: return kMemory;
    case Profile::kBalanced: break;
  }
  return kBalanced;
}

}  // namespace

HeapSettings heap_settings() {
  const Conf& set = conf();
  HeapSettings settings = profile_settings(set.profile);
  settings.huge_pages = set.huge_pages.value_or(settings.huge_pages);
  settings.decay_ms = set.decay_ms.value_or(settings.decay_ms);
  settings.arenas = set.arenas.value_or(settings.arenas);
  settings.thread_cache = set.thread_cache.value_or(settings.thread_cache);
  settings.background_thread &= set.background_thread;
  return settings;
}

}  // namespace gmem::heap
