// SPDX-License-Identifier: MulanPSL-2.0
// The heap around fork.  Its locks are taken in the order in which the heap
// takes them (fork_locks.h): that of the idle decay, which calls jemalloc, and the
// node arenas', which are made under theirs; then jemalloc's, then that of the
// chunks, which the hooks take; scripts/build-jemalloc keeps jemalloc from
// registering its handlers, since nothing orders two registrations.
//
// Who holds them passes (owned_lock.h): so handlers of others may allocate that
// are called while they are held, and a signal handler may fork again.
#include <gmem_jemalloc.h>

#include "core/fork_parts.h"
#include "heap/backing.h"
#include "heap/fork_locks.h"
#include "heap/give_back.h"
#include "heap/heap_state.h"
#include "heap/idle_decay.h"
#include "heap/node_arenas.h"

extern "C" {
void gmem_je_jemalloc_prefork();
void gmem_je_jemalloc_postfork_parent();
void gmem_je_jemalloc_postfork_child();
void gmem_je_register_booter();

// The C library's, from glibc 2.32 on.
[[gnu::weak]] extern char __libc_single_threaded;
}

namespace gmem::heap {
namespace {

// Memory on a device is not copied by the kernel.
void keep_heap_for_child() {
  if (!backing()->fork_loses_chunks()) return;
  const ChunkTable& chunks = heap_state.chunks;
  for (PageRange run = chunks.next_run_in_use(0); !run.empty();
       run = chunks.next_run_in_use(run.end()))
    backing()->keep_chunk_for_child(run);
}

// A process of one thread needs no lock, and must take none: a handler that
// forks may have interrupted that thread while it held one, which it gives
// back, in the child too, once the handler has returned.
bool took_locks = true;

bool has_one_thread() {
  return &__libc_single_threaded != nullptr && __libc_single_threaded != 0;
}

void take_all() {
  lock_idle_decay_for_fork();
  lock_node_arenas_for_fork();
  gmem_je_jemalloc_prefork();
  heap_state.lock.lock_for_fork();
}

void let_go_all() {
  heap_state.lock.unlock_after_fork();
  gmem_je_jemalloc_postfork_parent();
  unlock_node_arenas_after_fork();
  unlock_idle_decay_after_fork();
}

bool prepare(int wait) {
  if (has_one_thread()) {
    took_locks = false;
    keep_heap_for_child();
    return true;
  }
  if (!take_for_fork({take_all, let_go_all}, wait)) return false;
  took_locks = true;
  keep_heap_for_child();
  return true;
}

void resume_parent() {
  if (!took_locks) return;
  let_go_all();
  end_fork_in_parent();
}

void resume_child() {
  if (!took_locks) return;
  heap_state.lock.unlock_in_child();
  gmem_je_jemalloc_postfork_child();
  unlock_node_arenas_in_child();
  forget_idle_decay();
  end_fork_in_child();
}

constexpr ForkPart kForkPart = {prepare, resume_parent, resume_child};

// Before main, or in dlopen: the preparation expects jemalloc to be initialised,
// which its first allocation does.
[[GMEM_FORK_PART]] void guard_fork() {
  gmem_je_free(gmem_je_malloc(1));
  gmem_je_register_booter();
  start_giving_back();
  take_part_in_forks(ForkPlace::kHeap, kForkPart);
}

}  // namespace
}  // namespace gmem::heap
