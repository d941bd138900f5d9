// SPDX-License-Identifier: MulanPSL-2.0
#include "core/stream_slot.h"

#include <errno.h>
#include <sched.h>

#include <cstddef>
#include <utility>

#include "core/lock.h"
#include "core/start_thread.h"
#include "core/task_error.h"

namespace gmem::stream {
namespace {

// Turns that an idle worker gives away before it sleeps: waking it costs the
// producer far more than queuing a task does.
constexpr int kIdleTurns = 32;

}  // namespace

void Slot::open(Device& device, StreamHandle handle) {
  const Lock lock(mutex_);
  device_ = &device;
  first_error_.store(0);
  opened_as_ = handle;
  live_.store(handle, std::memory_order_release);
}

Error Slot::enqueue(StreamHandle handle, const Task& task) {
  bool wake = false;
  bool start = false;
  {
    const Lock lock(mutex_);
    if (!is_live(handle)) return -EINVAL;
    const Error error = queue_.push(task);
    if (error != 0) return error;
    start = consumer_ == Consumer::kNone;
    if (start) consumer_ = Consumer::kStarting;
    wake = std::exchange(worker_sleeps_, false);
  }
  if (wake) pthread_cond_signal(&work_);
  if (start && !start_thread(worker_main, this)) {
    // Queued it is; who waits for it will run it.
    const Lock lock(mutex_);
    resign();
  }
  return 0;
}

Error Slot::synchronize(StreamHandle handle) {
  const Lock lock(mutex_);
  if (!is_live(handle)) return -EINVAL;
  if (is_own_consumer()) return -EDEADLK;
  wait_until_done(handle, queue_.pushed());
  // Closed in the meantime: close has returned the error.
  return opened_as_ == handle ? take_error() : 0;
}

Error Slot::close(StreamHandle handle, Error* first_error) {
  const Lock lock(mutex_);
  if (!is_live(handle)) return -EINVAL;
  if (is_own_consumer()) return -EDEADLK;
  live_.store(nullptr, std::memory_order_release);
  wait_until_done(handle, queue_.pushed());
  pthread_cond_signal(&work_);
  while (consumer_ != Consumer::kNone) pthread_cond_wait(&progress_, &mutex_);
  if (std::exchange(has_worker_, false)) {
    // A thread that ends takes locks of malloc's, which a fork may hold.
    const Unlock unlock(mutex_);
    pthread_join(worker_, nullptr);
  }
  queue_.release();
  *first_error = take_error();
  opened_as_ = nullptr;
  return 0;
}

void Slot::lock_for_fork() { pthread_mutex_lock(&mutex_); }

void Slot::unlock_in_parent() { pthread_mutex_unlock(&mutex_); }

void Slot::unlock_in_child() {
  pthread_cond_init(&work_, nullptr);
  pthread_cond_init(&progress_, nullptr);
  consumer_ = Consumer::kNone;
  has_worker_ = false;
  worker_sleeps_ = false;
  awaited_.store(0);
  live_.store(opened_as_, std::memory_order_release);
  mutex_ = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
}

bool Slot::is_own_consumer() const {
  return consumer_ == Consumer::kRunning &&
         pthread_equal(runner_, pthread_self());
}

void Slot::become_consumer() {
  consumer_ = Consumer::kRunning;
  runner_ = pthread_self();
}

void Slot::resign() {
  consumer_ = Consumer::kNone;
  pthread_cond_broadcast(&progress_);
}

void Slot::wait_until_done(StreamHandle handle, Count target) {
  while (opened_as_ == handle && !is_done(target)) {
    if (consumer_ != Consumer::kNone) {
      pthread_cond_wait(&progress_, &mutex_);
      continue;
    }
    consumer_ = Consumer::kStarting;
    const Unlock unlock(mutex_);
    if (!start_thread(worker_main, this)) run_until(target);
  }
}

// Says what it waits for before it looks, as the consumer looks whether
// anybody waits after it has said what is done: one of the two sees the other.
bool Slot::is_done(Count target) {
  const Count awaited = awaited_.load();
  if (awaited == 0 || awaited > target) awaited_.store(target);
  return queue_.done() >= target;
}

void Slot::run_until(Count target) {
  {
    const Lock lock(mutex_);
    become_consumer();
  }
  while (queue_.done() < target) run_front();
  const Lock lock(mutex_);
  resign();
}

void* Slot::worker_main(void* argument) {
  Slot& slot = *static_cast<Slot*>(argument);
  pthread_setname_np(pthread_self(), "gmem-stream");
  {
    const Lock lock(slot.mutex_);
    slot.become_consumer();
    slot.worker_ = pthread_self();
    slot.has_worker_ = true;
  }
  while (slot.await_task()) slot.run_front();
  return nullptr;
}

// False where the stream is closing and nothing is left: the worker has then
// resigned and must not touch the slot again.
bool Slot::await_task() {
  for (int i = 0; i < kIdleTurns && queue_.empty(); ++i) sched_yield();
  if (!queue_.empty()) return true;
  const Lock lock(mutex_);
  while (queue_.empty()) {
    if (is_closing()) {
      resign();
      return false;
    }
    queue_.rewind();
    worker_sleeps_ = true;
    pthread_cond_wait(&work_, &mutex_);
    worker_sleeps_ = false;
  }
  return true;
}

void Slot::run_front() {
  if (queue_.head_is_spent()) {
    const Lock lock(mutex_);
    queue_.drop_head();
  }
  const Task& task = queue_.front();
  const Error error = run_task(*device_, task);
  if (error != 0) keep_error(task, error);
  queue_.finish_front();
  tell_waiters();
}

void Slot::keep_error(const Task& task, Error error) {
  count_error(task);
  Error none = 0;
  first_error_.compare_exchange_strong(none, error);
}

void Slot::tell_waiters() {
  const Count awaited = awaited_.load();
  if (awaited == 0 || queue_.done() < awaited) return;
  const Lock lock(mutex_);
  awaited_.store(0);
  pthread_cond_broadcast(&progress_);
}

}  // namespace gmem::stream
