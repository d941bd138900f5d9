// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/stream_table.h"

#include <sys/mman.h>

#include <new>
#include <utility>

#include "core/keep_errno.h"

namespace gmem::ascend {

Stream*& StreamTable::bucket_of(StreamHandle handle) {
  // Handles are addresses of allocated things: their low bits say nothing.
  const auto bits = reinterpret_cast<std::uintptr_t>(handle);
  return buckets_[(bits >> 4 ^ bits >> 14) % kBuckets];
}

Stream* StreamTable::find(StreamHandle handle) {
  Stream* stream = bucket_of(handle);
  while (stream != nullptr && stream->handle != handle) stream = stream->next;
  return stream;
}

Stream* StreamTable::obtain(StreamHandle handle) {
  if (Stream* known = find(handle)) return known;
  if (free_streams_ == nullptr && used_streams_ == kMostStreams)
    forget_an_error();
  Stream* const stream = take_unused();
  if (stream == nullptr) return nullptr;
  Stream*& bucket = bucket_of(handle);
  *stream = Stream();
  stream->handle = handle;
  stream->next = std::exchange(bucket, stream);
  return stream;
}

Stream* StreamTable::take_unused() {
  if (free_streams_ != nullptr)
    return std::exchange(free_streams_, free_streams_->next);
  return used_streams_ < kMostStreams ? &streams_[used_streams_++] : nullptr;
}

void StreamTable::forget_an_error() {
  for (Stream& stream : streams_) {
    if (stream.ours || stream.tasks != nullptr || stream.reporter != nullptr)
      continue;
    remove(stream);
    return;
  }
}

void StreamTable::release_if_idle(Stream& stream) {
  if (!stream.ours && stream.tasks == nullptr && stream.first_error == 0 &&
      stream.reporter == nullptr)
    remove(stream);
}

void StreamTable::remove(Stream& stream) {
  while (stream.tasks != nullptr) remove_task(*stream.tasks);
  Stream** link = &bucket_of(stream.handle);
  while (*link != &stream) link = &(*link)->next;
  *link = stream.next;
  stream.handle = nullptr;
  stream.next = std::exchange(free_streams_, &stream);
}

bool StreamTable::add_segment() {
  if (segment_count_ == kMostSegments) return false;
  const KeepErrno keep_errno;
  void* const memory =
      mmap(nullptr, kSegmentTasks * sizeof(PendingTask), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  auto* const tasks = static_cast<PendingTask*>(memory);
  for (std::uint32_t i = kSegmentTasks; i-- > 0;) {
    tasks[i].generation = 1;  // so that no ticket is null
    tasks[i].index = segment_count_ * kSegmentTasks + i;
    tasks[i].next = std::exchange(free_tasks_, &tasks[i]);
  }
  segments_[segment_count_++] = tasks;
  return true;
}

PendingTask* StreamTable::add_task(Stream& stream, const Task& task) {
  if (free_tasks_ == nullptr && !add_segment()) return nullptr;
  PendingTask& added = *free_tasks_;
  free_tasks_ = added.next;
  new (&added.task) Task(task);
  added.stream = &stream;
  added.number = 0;
  added.running = false;
  added.previous = nullptr;
  added.next = std::exchange(stream.tasks, &added);
  if (added.next != nullptr) added.next->previous = &added;
  return &added;
}

Ticket StreamTable::ticket_of(const PendingTask& task) {
  return reinterpret_cast<Ticket>(std::uintptr_t{task.generation} << 32 |
                                  task.index);
}

PendingTask* StreamTable::find_task(Ticket ticket) {
  const auto bits = reinterpret_cast<std::uintptr_t>(ticket);
  const std::size_t index = bits & UINT32_MAX;
  if (index >= segment_count_ * kSegmentTasks) return nullptr;
  PendingTask& task = segments_[index / kSegmentTasks][index % kSegmentTasks];
  return task.stream != nullptr && task.generation == bits >> 32 ? &task
                                                                 : nullptr;
}

void StreamTable::remove_task(PendingTask& task) {
  if (task.previous != nullptr)
    task.previous->next = task.next;
  else
    task.stream->tasks = task.next;
  if (task.next != nullptr) task.next->previous = task.previous;
  task.stream = nullptr;
  ++task.generation;
  task.next = std::exchange(free_tasks_, &task);
}

void StreamTable::reset_in_child() {
  for_each_stream([this](Stream& stream) { remove(stream); });
  mutex_ = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
}

}  // namespace gmem::ascend
