// SPDX-License-Identifier: MulanPSL-2.0
#include "core/task_queue.h"

#include <errno.h>
#include <sys/mman.h>

#include <new>
#include <type_traits>
#include <utility>

#include "core/keep_errno.h"

namespace gmem {

static_assert(std::is_trivially_copyable_v<Task> &&
                  std::is_trivially_destructible_v<Task>,
              "segments are unmapped, not destroyed");

TaskQueue::Segment* TaskQueue::map_segment() {
  const KeepErrno keep_errno;
  void* memory = mmap(nullptr, kSegmentSize, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory != MAP_FAILED ? new (memory) Segment{nullptr} : nullptr;
}

void TaskQueue::unmap_segment(Segment* segment) {
  if (segment != nullptr) munmap(segment, kSegmentSize);
}

Error TaskQueue::push(const Task& task) {
  if (tail_ == nullptr || tail_used_ == kSegmentTasks) {
    Segment* fresh = std::exchange(spare_, nullptr);
    if (fresh == nullptr) fresh = map_segment();
    if (fresh == nullptr) return -ENOMEM;
    if (tail_ != nullptr) {
      tail_->next = fresh;
    } else {
      head_ = fresh;
      head_base_ = done();
    }
    tail_ = fresh;
    tail_used_ = 0;
  }
  new (&tail_->tasks()[tail_used_++]) Task(task);
  pushed_.store(pushed() + 1, std::memory_order_release);
  return 0;
}

void TaskQueue::drop_head() {
  Segment* spent = std::exchange(head_, head_->next);
  head_base_ += kSegmentTasks;
  spent->next = nullptr;
  unmap_segment(std::exchange(spare_, spent));
}

void TaskQueue::rewind() {
  tail_used_ = 0;
  head_base_ = done();
}

void TaskQueue::release() {
  unmap_segment(std::exchange(head_, nullptr));
  unmap_segment(std::exchange(spare_, nullptr));
  tail_ = nullptr;
}

}  // namespace gmem
