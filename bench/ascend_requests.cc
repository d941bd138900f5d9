// SPDX-License-Identifier: MulanPSL-2.0
// What gmemPrefetch and gmemFreeEager of the ascend device cost over the bare
// requests to /dev/gmem; and whether many mappings slow it down.
//
// bench/run preloads the double of a GMEM kernel, so that the device serves.
// The double takes a hundred times as long for a request as what is measured
// here: so, once all is set up, requests are answered by this program, with yes
// and at the price of one system call.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "support/calls.h"
#include "support/clock.h"
#include "support/rounds.h"

namespace {

constexpr std::size_t kRounds = 16;
constexpr int kCalls = 100000;
constexpr std::size_t kPage = GMEM_PAGE_SIZE;
constexpr std::size_t kPages = 64;

// Of a kernel 6.6.
constexpr int kPeerShared = 0x1000000;
constexpr unsigned long kAdvise = 0x40205502;
constexpr int kPrefetch = 0x1000;
constexpr int kDiscard = 4;

bool answers_requests = false;

// The program's part, as one that computes on the NPU would have done it.
void set_device(const char* runtime) {
  void* const library = dlopen(runtime, RTLD_NOW);
  if (library == nullptr) bench::fail("dlopen", dlerror());
  auto* const set =
      reinterpret_cast<int (*)(int)>(dlsym(library, "aclrtSetDevice"));
  if (set == nullptr || set(0) != 0) bench::fail("aclrtSetDevice", runtime);
}

void* map(std::size_t size, int protection, int flags) {
  void* const memory = mmap(nullptr, size, protection,
                            MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (memory == MAP_FAILED) bench::fail("mmap", strerror(errno));
  return memory;
}

// Peer-shared memory that is on the device already, so that requests have
// nothing to do.
class Memory {
 public:
  Memory()
      : begin_(reinterpret_cast<unsigned long>(
            map(kPages * kPage, PROT_READ | PROT_WRITE, kPeerShared))) {
    bench::expect_success("gmemPrefetch",
                          gmemPrefetch(begin_, kPages * kPage, node_, nullptr));
  }
  unsigned long page(int number) const {
    return begin_ + static_cast<unsigned>(number) % kPages * kPage;
  }
  int node() const { return node_; }

 private:
  const int node_ = gmemGetNumaId();
  const unsigned long begin_;
};

class RawRequests {
 public:
  RawRequests() : fd_(open("/dev/gmem", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0) bench::fail("/dev/gmem", strerror(errno));
  }
  void advise(int node, unsigned long start, int behavior) const {
    struct {
      int hnid;
      unsigned long start;
      std::size_t size;
      int behavior;
    } argument = {node, start, kPage, behavior};
    if (ioctl(fd_, kAdvise, &argument) != 0)
      bench::fail("ioctl", strerror(errno));
  }

 private:
  const int fd_;
};

template <typename Call>
double time_calls(Call call) {
  const double start = now_ns();
  for (int i = 0; i < kCalls; ++i) call(i);
  return (now_ns() - start) / kCalls;
}

// Both in each measurement, the difference of which is what counts.
template <typename Ours, typename Raw>
double time_overhead(Ours ours, Raw raw) {
  const double with_us = time_calls(ours);
  return with_us - time_calls(raw);
}

void measure_overhead(const Memory& memory, const RawRequests& raw) {
  const int node = memory.node();
  const auto prefetch = [&](int i) {
    bench::expect_success("gmemPrefetch",
                          gmemPrefetch(memory.page(i), kPage, node, nullptr));
  };
  const auto raw_prefetch = [&](int i) {
    raw.advise(node, memory.page(i), kPrefetch);
  };
  const auto free_eager = [&](int i) {
    bench::expect_success("gmemFreeEager",
                          gmemFreeEager(memory.page(i), kPage, nullptr));
  };
  // What malloc returned is known to be there and peer-shared.
  char* const block = static_cast<char*>(aligned_alloc(kPage, kPages * kPage));
  if (block == nullptr) bench::fail("aligned_alloc", strerror(errno));
  const auto free_heap = [&](int i) {
    const auto page = reinterpret_cast<unsigned long>(
        block + static_cast<unsigned>(i) % kPages * kPage);
    bench::expect_success("gmemFreeEager", gmemFreeEager(page, kPage, nullptr));
  };
  const auto raw_discard = [&](int i) {
    raw.advise(-1, memory.page(i), kDiscard);
  };
  const std::string group = "ascend, 2 MiB in one mapping, ns a call";
  bench::run_rounds(group,
                    {{"gmemPrefetch over its request (aim: under 300)",
                      [&] { return time_overhead(prefetch, raw_prefetch); }},
                     {"gmemFreeEager of heap memory over it (aim: under 300)",
                      [&] { return time_overhead(free_heap, raw_discard); }},
                     {"gmemFreeEager of other memory over it",
                      [&] { return time_overhead(free_eager, raw_discard); }}},
                    kRounds);
  bench::report_note(group,
                     "other memory: two system calls more, for holes and for "
                     "conventional memory");
  free(block);
}

// Neighbours with other rights, which cannot be merged.
class ManyMappings {
 public:
  explicit ManyMappings(std::size_t count)
      : size_(count * kSmall),
        begin_(static_cast<char*>(map(size_, PROT_READ, 0))) {
    for (std::size_t at = 0; at < size_; at += 2 * kSmall)
      if (mprotect(begin_ + at, kSmall, PROT_READ | PROT_WRITE) != 0)
        bench::fail("mprotect", strerror(errno));
  }
  ~ManyMappings() { munmap(begin_, size_); }
  ManyMappings(const ManyMappings&) = delete;
  ManyMappings& operator=(const ManyMappings&) = delete;

 private:
  static constexpr std::size_t kSmall = 4096;
  const std::size_t size_;
  char* const begin_;
};

void measure_many_mappings(const Memory& memory) {
  const std::string group = "ascend, prefetch of 2 MiB by mappings, ns a call";
  const std::string few = "a process with few mappings";
  const std::string many = "with 10,000 more";
  const auto measure = [&] {
    return time_calls([&](int i) {
      bench::expect_success(
          "gmemPrefetch",
          gmemPrefetch(memory.page(i), kPage, memory.node(), nullptr));
    });
  };
  const auto measure_with_many = [&] {
    const ManyMappings mappings(10000);
    return measure();
  };
  bench::run_rounds(group, {{few, measure}, {many, measure_with_many}},
                    kRounds);
  bench::report_ratio(group, "time, of that with few", many, few,
                      "at most 1.2");
}

}  // namespace

// In the place of the C library's, for libgmem too.
extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list rest;
  va_start(rest, request);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  if (!answers_requests || request != kAdvise)
    return static_cast<int>(syscall(SYS_ioctl, fd, request, argument));
  syscall(SYS_getppid);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 2) bench::fail("usage", "ascend_requests RUNTIME");
  set_device(argv[1]);
  if (strcmp(gmemDeviceName(), "ascend") != 0)
    bench::fail("the device in use", gmemDeviceName());
  const Memory memory;
  const RawRequests raw;
  answers_requests = true;
  measure_overhead(memory, raw);
  measure_many_mappings(memory);
}
