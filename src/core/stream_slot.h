// SPDX-License-Identifier: MulanPSL-2.0
// One place of the table of streams: the queue, and the worker thread that
// runs its tasks.  A slot is never freed; the handle under which it was opened
// tells one stream in it from the next.
#ifndef GMEM_CORE_STREAM_SLOT_H
#define GMEM_CORE_STREAM_SLOT_H

#include <pthread.h>

#include <atomic>

#include "core/device.h"
#include "core/task_queue.h"

namespace gmem::stream {

class Slot {
 public:
  // On a slot that is not open.
  void open(Device& device, StreamHandle handle);

  // Each of these is -EINVAL for a handle other than the live one.
  Error enqueue(StreamHandle handle, const Task& task);
  Error synchronize(StreamHandle handle);

  // Refuses new tasks, runs those that are queued, and ends the stream;
  // first_error is then what no synchronize has returned.  Where it fails,
  // nothing has changed.
  Error close(StreamHandle handle, Error* first_error);

  bool is_live(StreamHandle handle) const {
    return live_.load(std::memory_order_acquire) == handle;
  }
  bool is_open() const { return opened_as_ != nullptr; }

  // Around fork, in the thread that forks.  The child has the tasks, but
  // neither the worker nor the threads that waited.  A stream that one of
  // those was closing is live again in the child: it alone can still run the
  // child's tasks.
  void lock_for_fork();
  void unlock_in_parent();
  void unlock_in_child();

 private:
  using Count = TaskQueue::Count;

  // The one thread that may take tasks out: the worker, or, where the system
  // has no thread left, one that waits for them.
  enum class Consumer { kNone, kStarting, kRunning };

  // Under mutex_.
  bool is_closing() const { return is_live(nullptr); }
  bool is_own_consumer() const;
  void become_consumer();
  void resign();
  void wait_until_done(StreamHandle handle, Count target);
  bool is_done(Count target);

  // Without mutex_, by the thread that set Consumer::kStarting, where no
  // worker could be started.
  void run_until(Count target);

  // By the consumer, without mutex_.
  static void* worker_main(void* slot);
  bool await_task();
  void run_front();
  void keep_error(const Task& task, Error error);
  void tell_waiters();

  Error take_error() { return first_error_.exchange(0); }

  // Recursive for a signal handler that forks where it has interrupted a fork.
  pthread_mutex_t mutex_ = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
  pthread_cond_t work_ = PTHREAD_COND_INITIALIZER;      // for the worker
  pthread_cond_t progress_ = PTHREAD_COND_INITIALIZER;  // for who waits on it
  std::atomic<StreamHandle> live_{nullptr};             // null: takes no tasks
  StreamHandle opened_as_ = nullptr;                    // null: free
  Device* device_ = nullptr;
  Consumer consumer_ = Consumer::kNone;
  pthread_t runner_{};  // who the consumer is, where it is running
  pthread_t worker_{};  // to be joined, where has_worker_
  bool has_worker_ = false;
  bool worker_sleeps_ = false;
  std::atomic<Count> awaited_{0};  // the lowest count waited for; 0: none
  std::atomic<Error> first_error_{0};
  TaskQueue queue_;
};

}  // namespace gmem::stream

#endif  // GMEM_CORE_STREAM_SLOT_H
