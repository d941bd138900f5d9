// SPDX-License-Identifier: MulanPSL-2.0
// A FIFO of tasks without malloc and without a bound but memory.  It lies in
// mapped segments that are given back as the tasks in them are done; one is
// kept as a spare.
//
// Producers take turns by a lock of the owner's.  The one consumer needs that
// lock only where a segment begins or ends, so that between two segments it
// neither waits for producers nor holds them up.  A task stays in the queue
// until it is done: whoever copies the address space while holding the lock
// (fork) has a copy that loses nothing.
#ifndef GMEM_CORE_TASK_QUEUE_H
#define GMEM_CORE_TASK_QUEUE_H

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/device.h"

namespace gmem {

class TaskQueue {
 public:
  // Tasks are counted from the first one ever pushed.
  using Count = std::uint64_t;

  // By anyone, at any time.
  Count pushed() const { return pushed_.load(std::memory_order_acquire); }
  Count done() const { return done_.load(); }
  bool empty() const { return done() == pushed(); }

  // By a producer, under the lock.  -ENOMEM: the task is not queued.
  Error push(const Task& task);

  // By the consumer.  Where the head is spent, drop_head() comes before
  // front(); front() and finish_front() are for a queue that is not empty.
  bool head_is_spent() const { return head_index() == kSegmentTasks; }
  const Task& front() const { return head_->tasks()[head_index()]; }
  // Totally ordered with the consumer's next load, so that it cannot miss
  // that somebody waits for this task.
  void finish_front() { done_.store(done() + 1); }

  // By the consumer, under the lock.
  void drop_head();
  // Lets an empty queue use its first bytes again, which are in the caches.
  void rewind();

  // Under the lock, with no consumer about, on an empty queue: gives all
  // memory back.
  void release();

 private:
  static constexpr std::size_t kSegmentSize = 64 << 10;

  struct Segment {
    Segment* next;
    Task* tasks() { return reinterpret_cast<Task*>(this + 1); }
  };
  static constexpr std::size_t kSegmentTasks =
      (kSegmentSize - sizeof(Segment)) / sizeof(Task);

  static Segment* map_segment();
  static void unmap_segment(Segment* segment);

  std::size_t head_index() const {
    return static_cast<std::size_t>(done() - head_base_);
  }

  // On cache lines of their own: written by producers; by the consumer for
  // each task; by the consumer for each segment.
  alignas(64) std::atomic<Count> pushed_{0};
  Segment* tail_ = nullptr;
  std::size_t tail_used_ = 0;  // tasks ever put into the tail
  Segment* spare_ = nullptr;
  alignas(64) std::atomic<Count> done_{0};
  alignas(64) Segment* head_ = nullptr;
  Count head_base_ = 0;  // the count of the first task in the head
};

}  // namespace gmem

#endif  // GMEM_CORE_TASK_QUEUE_H
