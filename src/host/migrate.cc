// SPDX-License-Identifier: MulanPSL-2.0
#include "host/migrate.h"

#include <errno.h>
#include <numaif.h>
#include <pthread.h>
#include <sched.h>

#include "core/lock.h"
#include "host/page_nodes.h"
#include "host/page_scan.h"
#include "host/vma_walk.h"

namespace gmem::host {
namespace {

constexpr int kAttempts = 5;

// Each call makes every CPU drain its lists of new pages, and calls from
// several threads delay each other by far more than they gain: so calls are
// few and one at a time.
constexpr std::size_t kBatch = 4096;

pthread_mutex_t moving = PTHREAD_MUTEX_INITIALIZER;

// Pages whose place is looked up, and put right, together.  Guarded by
// `moving`, as it is too large for a helper's stack.
struct Batch {
  std::size_t count;
  void* pages[kBatch];
  int nodes[kBatch];
  int targets[kBatch];
};
Batch batch;

// One walk over the range.  What it says is of the pages as they were found,
// so only a pass that finds all in place proves anything.
class Pass {
 public:
  explicit Pass(int node) : node_(node) {}

  void add(std::uintptr_t page) {
    batch.pages[batch.count++] = reinterpret_cast<void*>(page);
    if (batch.count == kBatch) flush();
  }

  void flush() {
    if (batch.count == 0 || error_ == -EPERM) {
      batch.count = 0;
      return;
    }
    if (const Error error = query_nodes(batch.pages, batch.count, batch.nodes))
      note(error);
    else
      move(keep_misplaced());
    batch.count = 0;
  }

  bool found_all_in_place() const { return error_ == 0 && misplaced_ == 0; }

  // Why pages were not moved; -EBUSY where the kernel gave no reason.
  Error error() const { return error_ != 0 ? error_ : -EBUSY; }

 private:
  // Moves those that lie elsewhere to the front; returns their number.  A
  // negative node: the page has gone in the meantime.
  std::size_t keep_misplaced() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < batch.count; ++i)
      if (batch.nodes[i] >= 0 && batch.nodes[i] != node_)
        batch.pages[kept++] = batch.pages[i];
    misplaced_ += kept;
    return kept;
  }

  void move(std::size_t count) {
    if (count == 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      batch.targets[i] = node_;
      // The kernel leaves the status as it was where it gives up early.
      batch.nodes[i] = node_;
    }
    if (move_pages(0, static_cast<unsigned long>(count), batch.pages,
                   batch.targets, batch.nodes, MPOL_MF_MOVE) < 0)
      note(errno == ENOSYS ? -EPERM : -errno);
    for (std::size_t i = 0; i < count; ++i)
      if (batch.nodes[i] < 0) note(batch.nodes[i]);
  }

  // Of several reasons, the one that no further attempt can cure.
  void note(Error error) {
    if (error_ == -EPERM) return;
    if (error == -EPERM || error == -ENOMEM)
      error_ = error;
    else if (error == -EACCES && error_ == 0)
      error_ = -EBUSY;  // shared with another process
  }

  const int node_;
  std::size_t misplaced_ = 0;
  Error error_ = 0;
};

// Huge pages by their heads, others one by one.
Error move_misplaced(const ByteRange& range, Pass& pass) {
  PageScan scan(range);
  PageRun run;
  const std::size_t small = kernel_page_size();
  while (scan.next(&run)) {
    for (std::uintptr_t page = run.begin; page < run.end;) {
      pass.add(page);
      page = run.huge ? page_floor(page) + kPageSize : page + small;
    }
  }
  pass.flush();
  return scan.error();
}

void lock_moving() { pthread_mutex_lock(&moving); }
void unlock_moving() { pthread_mutex_unlock(&moving); }

pthread_once_t fork_prepared = PTHREAD_ONCE_INIT;
void register_fork_handlers() {
  pthread_atfork(lock_moving, unlock_moving, unlock_moving);
}

}  // namespace

Error migrate(const ByteRange& range, int node) {
  Error error = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Pass pass(node);
    {
      const Lock lock(moving);
      if (const Error failed = move_misplaced(range, pass)) return failed;
    }
    if (pass.found_all_in_place()) return 0;
    error = pass.error();
    if (error == -EPERM) return error;
    sched_yield();
  }
  return error;
}

void prepare_migration_for_fork() {
  pthread_once(&fork_prepared, register_fork_handlers);
}

}  // namespace gmem::host
