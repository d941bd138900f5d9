// SPDX-License-Identifier: MulanPSL-2.0
#include "host/migrate.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "core/fork_parts.h"
#include "core/lock.h"
#include "core/vma_walk.h"
#include "host/numa_calls.h"
#include "host/numa_maps.h"
#include "host/page_nodes.h"
#include "host/page_scan.h"
#include "host/room.h"

namespace gmem::host {
namespace {

constexpr int kAttempts = 5;

// Each call makes every CPU drain its lists of new pages, and calls from
// several threads delay each other by far more than they gain: so calls are
// few and one at a time.
constexpr std::size_t kBatch = 4096;

// What the kernel leaves in the status of a page that it did not get to; an
// error that it has no use for.
constexpr int kNotTried = -EDOM;

// A signal handler may fork where it has interrupted a fork.
constexpr pthread_mutex_t kRecursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
pthread_mutex_t moving = kRecursive;

// Pages whose place is looked up, and put right, together.  Guarded by
// `moving`, as it is too large for a helper's stack.
struct Batch {
  std::size_t count;
  void* pages[kBatch];
  int nodes[kBatch];
  int targets[kBatch];
};
Batch batch;

// One walk over the range.
class Pass {
 public:
  Pass(const ByteRange& range, int node) : range_(range), node_(node) {}

  void add(std::uintptr_t page) {
    batch.pages[batch.count++] = reinterpret_cast<void*>(page);
    if (batch.count == kBatch) flush();
  }

  void flush() {
    if (batch.count == kBatch && !looked_at_whole_) look_at_whole();
    if (batch.count == 0 || whole_in_place_) {
      batch.count = 0;
      return;
    }
    const Error error =
        query_resident_nodes(batch.pages, batch.count, batch.nodes);
    if (error != 0)
      note(error);
    else
      move(keep_misplaced());
    batch.count = 0;
  }

  // Of what the walk named.
  bool leaves_all_in_place() const { return error_ == 0 && !in_doubt_; }

  // Of each single page, whatever the walk named.
  bool found_whole_in_place() const { return whole_in_place_; }

  Error error() const { return error_; }

  // No further page would fare better, and no further pass.
  bool is_hopeless() const { return error_ == -EPERM || error_ == -ENOMEM; }

 private:
  // To ask for thousands of pages one by one takes the kernel several times as
  // long as to count what lies where.
  void look_at_whole() {
    looked_at_whole_ = true;
    whole_in_place_ =
        is_much_of_what_is_resident(range_) && mappings_lie_on(range_, node_);
  }

  // Moves those that lie elsewhere to the front; returns their number.  A
  // negative node: the page has gone in the meantime.
  std::size_t keep_misplaced() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < batch.count; ++i)
      if (batch.nodes[i] >= 0 && batch.nodes[i] != node_)
        batch.pages[kept++] = batch.pages[i];
    return kept;
  }

  void move(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      batch.targets[i] = node_;
      batch.nodes[i] = kNotTried;
    }
    for (std::size_t first = 0; first < count && !is_hopeless();)
      first = move_some(first, count);
  }

  // The kernel takes pages together up to one that it cannot take, says why
  // in that one's status, and ends the call where one of those before it did
  // not move.  Returns where it is to go on.
  std::size_t move_some(std::size_t first, std::size_t count) {
    const long result = move_pages(0, static_cast<unsigned long>(count - first),
                                   batch.pages + first, batch.targets + first,
                                   batch.nodes + first, MPOL_MF_MOVE);
    if (result < 0) note(errno == ENOSYS ? -EPERM : -errno);
    std::size_t next = result > 0 ? first : count;
    for (std::size_t i = first; i < count; ++i) {
      // Not each page that stayed has a status that says so.
      in_doubt_ |= result != 0 || batch.nodes[i] != node_;
      if (batch.nodes[i] == kNotTried) continue;
      if (batch.nodes[i] < 0) note(batch.nodes[i]);
      if (result > 0) next = i + 1;
    }
    return next > first ? next : count;
  }

  // Of several reasons, the one that no further attempt can cure.
  void note(Error error) {
    if (is_hopeless()) return;
    error_ = error == -EPERM || error == -ENOMEM ? error : -EBUSY;
  }

  const ByteRange range_;
  const int node_;
  bool looked_at_whole_ = false;
  bool whole_in_place_ = false;
  bool in_doubt_ = false;
  Error error_ = 0;
};

// How the walk takes 2 MiB that are resident throughout where the kernel does
// not tell whether they are one huge page.
enum class Guess { kHuge, kSmall };

// Huge pages by their heads, others one by one: a list of all addresses would
// have the kernel take a huge page apart from the others, in a slow call of
// its own.
void add_run(const PageRun& run, Guess guess, Pass& pass) {
  const std::size_t small = kernel_page_size();
  for (std::uintptr_t page = run.begin; page < run.end;) {
    const std::uintptr_t huge_end = page_floor(page) + kPageSize;
    const bool whole = page == page_floor(page) && huge_end <= run.end;
    pass.add(page);
    page =
        run.huge || (whole && guess == Guess::kHuge) ? huge_end : page + small;
  }
}

// Returns whether what the pass found is true of each single page.
bool move_misplaced(const ByteRange& range, Guess guess, Pass& pass) {
  PageScan scan(range);
  PageRun run;
  bool exact = guess == Guess::kSmall;
  while (!pass.is_hopeless() && !pass.found_whole_in_place() &&
         scan.next(&run)) {
    exact |= scan.tells_huge();
    add_run(run, scan.tells_huge() ? Guess::kSmall : guess, pass);
  }
  if (scan.error() != 0) {
    // /proc is not mounted, or not ours, as after setuid.
    const ByteRange all = kernel_pages_around(range);
    add_run({all.begin(), all.end(), false}, guess, pass);
  }
  pass.flush();
  return exact || pass.found_whole_in_place();
}

bool lock_moving(int) { return pthread_mutex_lock(&moving) == 0; }
void unlock_moving() { pthread_mutex_unlock(&moving); }
void unlock_moving_in_child() { moving = kRecursive; }

// Keeps fork from catching the library in the middle of a move.
constexpr ForkPart kForkPart = {lock_moving, unlock_moving,
                                unlock_moving_in_child};
[[GMEM_FORK_PART]] void follow_forks() {
  take_part_in_forks(ForkPlace::kHostMoves, kForkPart);
}

}  // namespace

Error migrate(const ByteRange& range, int node) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Pass pass(range, node);
    bool exact = false;
    {
      const Lock lock(moving);
      exact = move_misplaced(range, attempt == 0 ? Guess::kHuge : Guess::kSmall,
                             pass);
    }
    if (exact && pass.leaves_all_in_place()) return 0;
    if (pass.is_hopeless()) return pass.error();
    sched_yield();
  }
  // Linux 6.12 gives no reason where the node is full.
  return is_nearly_full(node) ? -ENOMEM : -EBUSY;
}

pthread_mutex_t& moving_mutex() { return moving; }

}  // namespace gmem::host
