// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/heap_settings.h"

#include <algorithm>

#include "core/usable_cpus.h"

namespace gmem::heap {
namespace {

// What a profile says; libgmem(7) has the trade-offs, measured.
struct ProfileSettings {
  HugePages huge_pages;
  int decay_ms;
  unsigned arenas_per_cpu;  // 0: two for all
  std::size_t thread_cache;
  std::size_t run_size;
  bool releases_parts;
  std::size_t unused_without_thread;
};

constexpr ProfileSettings kBalanced = {
    .huge_pages = HugePages::kLarge,
    .decay_ms = 1000,
    .arenas_per_cpu = 1,
    .thread_cache = std::size_t{8} << 20,
    .run_size = std::size_t{64} << 10,
    .releases_parts = true,
    .unused_without_thread = std::size_t{8} << 20,
};

// More arenas: those of threads that the kernel has stopped are in nobody's
// way.  A huge page that was cut up stays so.
constexpr ProfileSettings kSpeed = {
    .huge_pages = HugePages::kAlways,
    .decay_ms = 10000,
    .arenas_per_cpu = 4,
    .thread_cache = std::size_t{8} << 20,
    .run_size = std::size_t{64} << 10,
    .releases_parts = false,
    .unused_without_thread = std::size_t{64} << 20,
};

constexpr ProfileSettings kMemory = {
    .huge_pages = HugePages::kNever,
    .decay_ms = 100,
    .arenas_per_cpu = 0,
    .thread_cache = std::size_t{32} << 10,
    .run_size = 0,
    .releases_parts = true,
    .unused_without_thread = std::size_t{2} << 20,
};

const ProfileSettings& settings_of(Profile profile) {
  switch (profile) {
    case Profile::kSpeed:
      return kSpeed;
    case Profile::kMemory:
      return kMemory;
    case Profile::kBalanced:
      break;
  }
  return kBalanced;
}

unsigned arenas_for(unsigned arenas_per_cpu) {
  return arenas_per_cpu == 0
             ? 2
             : std::min(arenas_per_cpu * usable_cpus(), kMostArenas);
}

}  // namespace

HeapSettings heap_settings() {
  const Conf& set = conf();
  const ProfileSettings& profile = settings_of(set.profile);
  return {
      .huge_pages = set.huge_pages.value_or(profile.huge_pages),
      .decay_ms = set.decay_ms.value_or(profile.decay_ms),
      .thread_cache = set.thread_cache.value_or(profile.thread_cache),
      .run_size = profile.run_size,
      .releases_parts = profile.releases_parts,
      .unused_without_thread = profile.unused_without_thread,
      .background_thread = set.background_thread,
  };
}

unsigned arena_count() {
  const Conf& set = conf();
  return set.arenas ? *set.arenas
                    : arenas_for(settings_of(set.profile).arenas_per_cpu);
}

}  // namespace gmem::heap
