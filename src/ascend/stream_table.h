// SPDX-License-Identifier: MulanPSL-2.0
// The streams of the runtime's that have something to do with libgmem, and the
// tasks that the runtime is yet to call for.
//
// The runtime is handed a ticket for each task, not its address: a task whose
// stream died is forgotten, and a call that comes for it after all finds that
// out.  No malloc; memory for tasks is kept for the next ones.
#ifndef GMEM_ASCEND_STREAM_TABLE_H
#define GMEM_ASCEND_STREAM_TABLE_H

#include <pthread.h>

#include <cstddef>
#include <cstdint>

#include "core/device.h"

namespace gmem::ascend {

struct ReportThread;

using Ticket = void*;

struct PendingTask {
  Task task;
  struct Stream* stream;  // null: free
  std::uint64_t number;   // of those that the runtime took; 0: not yet
  bool running;
  PendingTask* next;  // of the stream, or of those that are free
  PendingTask* previous;
  std::uint32_t index;
  std::uint32_t generation;
};

struct Stream {
  StreamHandle handle = nullptr;  // null: free
  bool ours = false;              // made by gmemStreamCreate
  void* context = nullptr;        // of one that is ours
  Error first_error = 0;
  PendingTask* tasks = nullptr;
  ReportThread* reporter = nullptr;  // that we subscribed for it
  Stream* next = nullptr;  // with the same hash, or of those that are free
};

// Guarded by mutex(), but for fork.
class StreamTable {
 public:
  static constexpr std::size_t kMostStreams = 4096;

  pthread_mutex_t& mutex() { return mutex_; }

  Stream* find(StreamHandle handle);
  // Found or made; null where there are too many.  Errors of streams that the
  // program may have destroyed long ago are forgotten first.
  Stream* obtain(StreamHandle handle);
  // Forgets a stream that is not ours and has nothing left to remember.
  void release_if_idle(Stream& stream);
  // Forgets it whatever it has.
  void remove(Stream& stream);

  // Null where there is no memory.
  PendingTask* add_task(Stream& stream, const Task& task);
  static Ticket ticket_of(const PendingTask& task);
  // Null where the task is not pending any more.
  PendingTask* find_task(Ticket ticket);
  void remove_task(PendingTask& task);
  // The runtime has taken the task.  What it takes later has a higher number.
  void number_task(PendingTask& task) { task.number = ++last_number_; }
  std::uint64_t last_number() const { return last_number_; }

  // Calls visit(stream) for each; it may release that stream.
  template <typename Visit>
  void for_each_stream(Visit visit) {
    for (std::size_t i = 0; i < used_streams_; ++i)
      if (streams_[i].handle != nullptr) visit(streams_[i]);
  }

  // A child of fork has no runtime, and so no streams.
  void reset_in_child();

 private:
  static constexpr std::size_t kBuckets = 1024;
  static constexpr std::uint32_t kSegmentTasks = 1024;
  static constexpr std::uint32_t kMostSegments = 1024;

  Stream*& bucket_of(StreamHandle handle);
  Stream* take_unused();
  void forget_an_error();
  bool add_segment();

  // Recursive for a signal handler that forks where it has interrupted a fork.
  pthread_mutex_t mutex_ = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
  Stream streams_[kMostStreams];
  std::size_t used_streams_ = 0;  // those from here on were never used
  Stream* free_streams_ = nullptr;
  Stream* buckets_[kBuckets] = {};
  PendingTask* segments_[kMostSegments] = {};
  std::uint32_t segment_count_ = 0;
  PendingTask* free_tasks_ = nullptr;
  std::uint64_t last_number_ = 0;
};

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_STREAM_TABLE_H
