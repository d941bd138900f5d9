// SPDX-License-Identifier: MulanPSL-2.0
// The heap around fork.  Its locks are taken in the order in which the heap
// takes them: that of the idle decay, which calls jemalloc, and the node
// arenas', which are made under theirs; then jemalloc's, then that of the chunks, which the hooks take; scripts/build-jemalloc keeps
// jemalloc from registering its handlers, since nothing orders two
// registrations.
#include <gmem_jemalloc.h>
#include <pthread.h>

#include "core/devices.h"
#include "heap/heap_state.h"
#include "heap/idle_decay.h"
#include "heap/node_arenas.h"

extern "C" {
void gmem_je_jemalloc_prefork();
void gmem_je_jemalloc_postfork_parent();
void gmem_je_jemalloc_postfork_child();
}

namespace gmem::heap {
namespace {

// Memory on a device is not copied by the kernel.
void keep_heap_for_child() {
  if (!chunk_device().fork_loses_chunks()) return;
  const ChunkTable& chunks = heap_state.chunks;
  for (PageRange run = chunks.next_run_in_use(0); !run.empty();
       run = chunks.next_run_in_use(run.end()))
    chunk_device().keep_chunk_for_child(run);
}

void prepare() {
  lock_idle_decay();
  lock_node_arenas();
  gmem_je_jemalloc_prefork();
  pthread_mutex_lock(&heap_state.lock);
  keep_heap_for_child();
}

void resume_parent() {
  pthread_mutex_unlock(&heap_state.lock);
  gmem_je_jemalloc_postfork_parent();
  unlock_node_arenas();
  unlock_idle_decay();
}

void resume_child() {
  pthread_mutex_unlock(&heap_state.lock);
  gmem_je_jemalloc_postfork_child();
  unlock_node_arenas();
  forget_idle_decay();
}

// Before main, or in dlopen: jemalloc's handlers expect it to be initialised,
// which its first allocation does.
[[gnu::constructor]] void guard_fork() {
  gmem_je_free(gmem_je_malloc(1));
  start_idle_decay();
  pthread_atfork(prepare, resume_parent, resume_child);
}

}  // namespace
}  // namespace gmem::heap
