// SPDX-License-Identifier: MulanPSL-2.0
// A device without memory: it writes down what it is asked to do, and can be
// told to fail or to hold still.  It may be used across fork: it has no lock.
#ifndef GMEM_TESTS_SUPPORT_FAKE_DEVICE_H
#define GMEM_TESTS_SUPPORT_FAKE_DEVICE_H

#include <errno.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/device.h"

class FakeDevice final : public gmem::Device {
 public:
  // Tasks are told apart by a number, which is where their range begins,
  // counted in pages.
  using Number = std::size_t;

  static gmem::Task task(gmem::Task::Kind kind, Number number) {
    return {kind, gmem::Hnid{0},
            *gmem::ByteRange::from(number * gmem::kPageSize, gmem::kPageSize)};
  }
  static gmem::Task prefetch_task(Number number) {
    return task(gmem::Task::Kind::kPrefetch, number);
  }
  static gmem::Task discard_task(Number number) {
    return task(gmem::Task::Kind::kDiscard, number);
  }

  // Remembers the first `capacity` tasks, and counts the others.
  explicit FakeDevice(std::size_t capacity = 1 << 16)
      : capacity_(capacity), seen_(new Number[capacity]) {}

  // Called in the middle of each task; what it returns is the task's error.
  std::function<gmem::Error(Number)> act = [](Number) { return 0; };

  // Between these two, a task that has begun does not end.
  void hold() { held_ = true; }
  void let_go() { held_ = false; }

  void wait_until_begun(std::size_t count) const {
    while (begun_ < count) usleep(100);
  }

  // Starts the record anew, in a child where nothing runs yet.
  void forget() { begun_ = next_ = done_ = 0; }

  std::size_t done_count() const { return done_; }
  std::vector<Number> done() const {
    const std::size_t count = done_ < capacity_ ? done_.load() : capacity_;
    return {seen_.get(), seen_.get() + count};
  }

  const char* name() const override { return "fake"; }
  gmem::Availability probe() override { return {0, ""}; }
  int numa_id() override { return 0; }
  bool is_valid_node(gmem::Hnid node) override { return node == gmem::Hnid{0}; }
  gmem::Error prefetch(const gmem::ByteRange& range, gmem::Hnid) override {
    return carry_out(range.begin() / gmem::kPageSize);
  }
  gmem::Error discard(const gmem::PageRange& pages) override {
    return carry_out(pages.begin() / gmem::kPageSize);
  }
  gmem::Error resident_size(const gmem::ByteRange&, gmem::Hnid,
                            std::size_t*) override {
    return -ENOSYS;
  }
  gmem::Error stream_create(gmem::StreamHandle*) override { return -ENOSYS; }
  gmem::Error stream_synchronize(gmem::StreamHandle) override {
    return -ENOSYS;
  }
  gmem::Error stream_destroy(gmem::StreamHandle) override { return -ENOSYS; }
  bool is_live_stream(gmem::StreamHandle) override { return false; }
  gmem::Error enqueue(gmem::StreamHandle, const gmem::Task&) override {
    return -ENOSYS;
  }
  std::uintptr_t map_chunk(const gmem::ChunkRequest&) override { return 0; }
  void use_huge_pages(const gmem::PageRange&) override {}
  void use_small_pages(const gmem::PageRange&) override {}
  void keep_chunk(const gmem::PageRange&, gmem::Hnid) override {}
  bool purge_chunk(const gmem::PageRange&) override { return false; }
  bool purge_part(const gmem::ByteRange&) override { return false; }
  std::size_t move_chunk(const gmem::PageRange&, std::uintptr_t) override {
    return 0;
  }
  bool fork_loses_chunks() override { return false; }

  void keep_chunk_for_child(const gmem::PageRange&) override {}

 private:
  gmem::Error carry_out(Number number) {
    ++begun_;
    while (held_) usleep(100);
    const gmem::Error error = act(number);
    const std::size_t place = next_++;
    if (place < capacity_) seen_[place] = number;
    ++done_;
    return error;
  }

  const std::size_t capacity_;
  const std::unique_ptr<Number[]> seen_;
  std::atomic<bool> held_{false};
  std::atomic<std::size_t> begun_{0};
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> done_{0};
};

#endif  // GMEM_TESTS_SUPPORT_FAKE_DEVICE_H
