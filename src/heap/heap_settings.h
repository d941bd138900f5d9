// SPDX-License-Identifier: MulanPSL-2.0
// What the user's conf comes to for the heap: the keys that were set, and for
// the others what the profile says.  Callable from inside malloc.
#ifndef GMEM_HEAP_HEAP_SETTINGS_H
#define GMEM_HEAP_HEAP_SETTINGS_H

#include <cstddef>

#include "core/conf.h"

namespace gmem::heap {

struct HeapSettings {
  HugePages huge_pages;
  int decay_ms;              // until unused memory goes back; kNeverDecay
  std::size_t thread_cache;  // the largest block that a thread keeps; 0: none
  std::size_t run_size;      // memory from which blocks of one size, of at
                             // most 4 KiB, are cut; 0: as little as does
  bool releases_parts;       // of 2 MiB pages too empty to be huge
  std::size_t unused_without_thread;  // that may wait where none gives it back
  bool background_thread;
};

HeapSettings heap_settings();

// How many arenas the threads are shared out among.
unsigned arena_count();

}  // namespace gmem::heap

#endif  // GMEM_HEAP_HEAP_SETTINGS_H
