// SPDX-License-Identifier: MulanPSL-2.0
// jemalloc's settings in libgmem, which it reads at its first allocation.
#include <gmem_jemalloc.h>

#include <cstddef>
#include <cstdint>

#include "core/fixed_text.h"
#include "heap/heap_settings.h"

namespace gmem::heap {
namespace {

// retain            extents are not unmapped: the hooks rely on it, and
//                   address space that is reused keeps its 2 MiB pages.
// oversize_threshold  large blocks come from the arenas of all others: one of
//                   their own would give back at once what the next one fetches
//                   anew from the kernel.
// tcache_gc_incr_bytes  how often the thread cache is looked over, which the
//                   fast paths stop for.
// lg_tcache_nslots_mul  a thread keeps as many blocks of a class as a run has,
//                   not twice as many: it is as fast, and less memory.
constexpr char kAlways[] =
    "retain:true,oversize_threshold:0,experimental_tcache_gc:false,"
    "tcache_gc_incr_bytes:1048576,"
    "lg_tcache_nslots_mul:0";

using Text = FixedText<512>;

void add_decay(Text& text, int decay_ms) {
  text.add(",dirty_decay_ms:");
  if (decay_ms == kNeverDecay)
    text.add("-1");
  else
    text.add_number(static_cast<std::uint64_t>(decay_ms));
}

void add_thread_cache(Text& text, std::size_t largest) {
  if (largest == 0)
    text.add(",tcache:false");
  else
    text.add(",tcache_max:").add_number(largest);
}

}  // namespace
}  // namespace gmem::heap

// Called once, under the lock of jemalloc's start, with the size of a page in
// this build of it.
extern "C" [[gnu::visibility("hidden")]] const char* gmem_jemalloc_conf(
    std::size_t page_size) {
  using namespace gmem::heap;
  static Text text;
  text.clear();  // where there was no memory, a start is tried anew
  const HeapSettings settings = heap_settings();
  text.add(kAlways);
  add_decay(text, settings.decay_ms);
  add_thread_cache(text, settings.thread_cache);
  if (settings.run_size > page_size)
    text.add(",slab_sizes:1-4096:").add_number(settings.run_size / page_size);
  text.add(",narenas:").add_number(arena_count());
  return text.c_str();
}
