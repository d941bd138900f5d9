// SPDX-License-Identifier: MulanPSL-2.0
#include "host/crew.h"

#include <errno.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>

#include "core/start_thread.h"
#include "core/usable_cpus.h"

namespace gmem::host {
namespace {

constexpr std::size_t kPieceSize = std::size_t{8} << 20;
static_assert(kPieceSize % kPageSize == 0);

// A thread is worth starting for this much.
constexpr std::size_t kEffortPerThread = std::size_t{16} << 20;
constexpr std::size_t kMaxHelpers = 127;

struct Job {
  const ByteRange range;
  const PieceWork work;
  const int mode;
  std::atomic<std::size_t> next_piece{0};
  std::atomic<Error> error{0};

  bool goes_on() const {
    const Error noted = error.load(std::memory_order_relaxed);
    return noted == 0 || noted == -EFAULT;
  }

  void note(Error failed) {
    if (failed == 0) return;
    Error none = 0;
    if (!error.compare_exchange_strong(none, failed) && none == -EFAULT)
      error.store(failed, std::memory_order_relaxed);
  }

  void run() {
    const std::uintptr_t base = range.begin() / kPieceSize;
    while (goes_on()) {
      const std::uintptr_t piece =
          base + next_piece.fetch_add(1, std::memory_order_relaxed);
      // The last piece's end would wrap at the top of the address space.
      if (piece > (range.end() - 1) / kPieceSize) return;
      const std::uintptr_t begin = std::max(range.begin(), piece * kPieceSize);
      const std::uintptr_t last =
          std::min(range.end() - 1, piece * kPieceSize + (kPieceSize - 1));
      note(work(*ByteRange::from(begin, last - begin + 1), mode));
    }
  }
};

void* help(void* job) {
  static_cast<Job*>(job)->run();
  return nullptr;
}

std::size_t helper_count(std::size_t effort) {
  const std::size_t worth = effort / kEffortPerThread;
  if (worth < 2) return 0;
  return std::min({worth - 1, std::size_t{usable_cpus()} - 1, kMaxHelpers});
}

// Helpers for one job; gone when the scope ends, the job being done.
class Helpers {
 public:
  Helpers(Job& job, std::size_t count) {
    while (count_ < count && start_thread(help, &job, &threads_[count_]))
      ++count_;
  }
  ~Helpers() {
    for (std::size_t i = 0; i < count_; ++i) pthread_join(threads_[i], nullptr);
  }
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

 private:
  std::size_t count_ = 0;
  pthread_t threads_[kMaxHelpers];
};

}  // namespace

Error work_in_pieces(const ByteRange& range, std::size_t effort, PieceWork work,
                     int mode) {
  if (range.empty()) return 0;
  Job job{range, work, mode};
  {
    const Helpers helpers(job, helper_count(effort));
    job.run();
  }
  return job.error.load(std::memory_order_relaxed);
}

}  // namespace gmem::host
