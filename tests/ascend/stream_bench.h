// SPDX-License-Identifier: MulanPSL-2.0
// A machine for tests of streams: the runtime in one of its versions, tasks
// whose order the kernel's double tells, and what was left behind.
#ifndef GMEM_TESTS_ASCEND_STREAM_BENCH_H
#define GMEM_TESTS_ASCEND_STREAM_BENCH_H

#include <array>
#include <cstddef>
#include <vector>

#include "ascend/machine.h"
#include "ascend/stream_table.h"
#include "ascend/streams.h"
#include "core/host.h"
#include "doubles/ascendcl/acl_calls.h"
#include "doubles/ascendcl/load.h"
#include "doubles/peer_memory.h"
#include "support/check_main.h"

namespace ascend {

// Those that can call a function come first.
inline constexpr std::array kVariants = {kFull, kCallback, kMinimal};
inline constexpr int kCallbackVariant = 1;
inline constexpr int kVariantsThatCall = 2;
inline constexpr int kVariantsInAll = 3;

// Of one test, which ends with nothing amiss.
class StreamBench {
 public:
  explicit StreamBench(int variant)
      : name_(kVariants.at(static_cast<std::size_t>(variant))),
        machine_(gmem_kernel::Options(), name_),
        control_(machine_.runtime.control()),
        acl_(load_acl_double(name_)) {
    machine_.runtime.set_device();
    device().numa_id();
    gmem_kernel::forget_calls();
  }
  ~StreamBench() {
    ck_assert_uint_eq(gmem_kernel::violations(), 0);
    ck_assert_msg(control_.count(kAclMisuses) == misuses_, "%s",
                  control_.last_misuse());
  }
  const AclDouble& control() const { return control_; }
  const AclCalls& acl() const { return acl_; }

  bool has_callbacks_alone() const { return name_ == kCallback; }
  // The program of the test does what the runtime's documents forbid.
  void expect_a_misuse() { ++misuses_; }

  gmem::StreamHandle new_stream() const {
    gmem::StreamHandle stream = nullptr;
    ck_assert_int_eq(device().stream_create(&stream), 0);
    ck_assert_ptr_nonnull(stream);
    return stream;
  }
  // One of the program's own.
  gmem::StreamHandle programs_stream() const {
    gmem::StreamHandle stream = nullptr;
    ck_assert_int_eq(acl_.CreateStream(&stream), 0);
    return stream;
  }
  void* current_context() const {
    void* context = nullptr;
    return acl_.GetCurrentContext(&context) == 0 ? context : nullptr;
  }

 private:
  const char* const name_;
  const Machine machine_;
  const AclDouble control_;
  const AclCalls acl_;
  long misuses_ = 0;
};

// Tasks, each of which is one request to the kernel, for a page of its own.
class PageTasks {
 public:
  explicit PageTasks(std::size_t pages)
      : memory_(pages, gmem_kernel::Options().generation) {}

  gmem::Task task(std::size_t page) const {
    return {gmem::Task::Kind::kDiscard, gmem::Hnid::kAny,
            *gmem::ByteRange::from(memory_.begin() + page * gmem::kPageSize,
                                   gmem::kPageSize)};
  }
  gmem::Error queue(gmem::StreamHandle stream, std::size_t page) const {
    return device().enqueue(stream, task(page));
  }
  // The pages in the order in which the tasks came to be carried out.
  std::vector<std::size_t> done() const {
    std::vector<std::size_t> pages;
    for (std::size_t i = 0; i < gmem_kernel::call_count(); ++i)
      if (gmem_kernel::call(i).request == gmem_kernel::Request::kDiscard)
        pages.push_back((gmem_kernel::call(i).start - memory_.begin()) /
                        gmem::kPageSize);
    return pages;
  }

 private:
  const gmem_kernel::PeerMemory memory_;
};

inline gmem::Task prefetch_task(std::uintptr_t begin, gmem::Hnid node) {
  return {gmem::Task::Kind::kPrefetch, node, *gmem::ByteRange::from(begin, 1)};
}
// -ENOMEM: nothing is mapped there.
inline gmem::Task task_without_memory() {
  return prefetch_task(0, gmem::Hnid{gmem::host_device().numa_id()});
}
// -EINVAL: there is no such node.
inline gmem::Task task_without_node() {
  return prefetch_task(0, gmem::Hnid{1 << 20});
}

// Streams of which the library remembers anything.
inline std::size_t remembered_streams() {
  std::size_t count = 0;
  gmem::ascend::StreamTable& table = gmem::ascend::stream_table();
  pthread_mutex_lock(&table.mutex());
  table.for_each_stream([&](gmem::ascend::Stream&) { ++count; });
  pthread_mutex_unlock(&table.mutex());
  return count;
}

}  // namespace ascend

#endif  // GMEM_TESTS_ASCEND_STREAM_BENCH_H
