// SPDX-License-Identifier: MulanPSL-2.0
// Prefetch to the device and back, eager free, and what can be told of where
// memory is; on each generation of the kernel (its double).
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "ascend/machine.h"
#include "contract/memory.h"
#include "core/host.h"
#include "doubles/peer_memory.h"
#include "support/check_main.h"

namespace {

using contract::Area;
using contract::fill;
using contract::holds_only;
using contract::is_filled;
using contract::kPage;
using contract::small_page;
using gmem::ByteRange;
using gmem::Error;
using gmem::Hnid;
using gmem::PageRange;
using gmem_kernel::Generation;
using gmem_kernel::PeerMemory;
using gmem_kernel::Request;

constexpr std::array kGenerations = {Generation::k6_4, Generation::k6_6,
                                     Generation::kNewest};

// The machine of one test, which ends with nothing amiss in the kernel.
class Bench {
 public:
  explicit Bench(int generation, std::size_t device_pages = 256)
      : generation_(kGenerations.at(static_cast<std::size_t>(generation))),
        machine_(options(generation_, device_pages)) {
    gmem_kernel::forget_calls();
  }
  ~Bench() { ck_assert_uint_eq(gmem_kernel::violations(), 0); }

  Generation generation() const { return generation_; }
  Hnid npu() const { return Hnid{ascend::device().numa_id()}; }
  Hnid home() const { return Hnid{gmem::host_device().numa_id()}; }

 private:
  static gmem_kernel::Options options(Generation generation,
                                      std::size_t device_pages) {
    gmem_kernel::Options options;
    options.generation = generation;
    options.device_pages = device_pages;
    return options;
  }
  const Generation generation_;
  const ascend::Machine machine_;
};

ByteRange bytes(const PeerMemory& memory, std::size_t offset,
                std::size_t size) {
  return *ByteRange::from(memory.begin() + offset, size);
}
ByteRange all(const PeerMemory& memory) {
  return bytes(memory, 0, memory.size());
}

Error prefetch(const ByteRange& range, Hnid node) {
  return ascend::device().prefetch(range, node);
}
Error discard(const ByteRange& range) {
  return ascend::device().discard(PageRange::inward(range));
}
std::size_t on_device(const ByteRange& range) {
  return gmem_kernel::bytes_on_device(range.begin(), range.size());
}

std::size_t requests(Request request) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < gmem_kernel::call_count(); ++i)
    count += gmem_kernel::call(i).request == request;
  return count;
}

// Conventional memory right behind a peer-shared mapping.
class Neighbour {
 public:
  Neighbour(const PeerMemory& memory, std::size_t pages, int protection,
            int sharing = MAP_PRIVATE)
      : begin_(memory.begin() + memory.size()), size_(pages * kPage) {
    if (mmap(data(), size_, protection,
             sharing | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != data())
      throw std::runtime_error("no memory behind");
  }
  ~Neighbour() { munmap(data(), size_); }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  char* data() const { return reinterpret_cast<char*>(begin_); }
  ByteRange all() const { return *ByteRange::from(begin_, size_); }

 private:
  const std::uintptr_t begin_;
  const std::size_t size_;
};

START_TEST(memory_moves_to_the_device_and_a_touch_brings_it_back) {
  const Bench bench(_i);
  const PeerMemory memory(4, bench.generation());
  fill(all(memory));
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), 0);
  ck_assert_uint_eq(memory.on_device(), memory.size());
  ck_assert_uint_eq(contract::present_bytes(all(memory)), 0);
  // Again: marked hot, if anything.
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), 0);
  ck_assert_uint_eq(memory.on_device(), memory.size());
  ck_assert(is_filled(all(memory)));
  ck_assert_uint_eq(memory.on_device(), 0);
}
END_TEST

START_TEST(untouched_memory_is_zero_on_the_device) {
  const Bench bench(_i);
  const PeerMemory memory(2, bench.generation());
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), 0);
  ck_assert_uint_eq(memory.on_device(), memory.size());
  ck_assert(holds_only(all(memory), 0));
}
END_TEST

START_TEST(one_mapping_costs_one_request) {
  const Bench bench(_i);
  const Hnid npu = bench.npu();
  const PeerMemory memory(8, bench.generation());
  gmem_kernel::forget_calls();
  ck_assert_int_eq(prefetch(bytes(memory, 2 * kPage + 7, 3 * kPage), npu), 0);
  ck_assert_uint_eq(gmem_kernel::call_count(), 1);
  const gmem_kernel::Call call = gmem_kernel::call(0);
  ck_assert(call.request == Request::kPrefetch);
  ck_assert_int_eq(call.hnid, static_cast<int>(npu));
  // Widened to whole pages by the library, not left to the kernel.
  ck_assert_uint_eq(call.start, memory.begin() + 2 * kPage);
  ck_assert_uint_eq(call.size, 4 * kPage);
  ck_assert_uint_eq(memory.on_device(), 4 * kPage);
}
END_TEST

START_TEST(one_byte_brings_its_page) {
  const Bench bench(_i);
  const PeerMemory memory(3, bench.generation());
  ck_assert_int_eq(prefetch(bytes(memory, 2 * kPage - 1, 1), bench.npu()), 0);
  ck_assert_uint_eq(on_device(bytes(memory, kPage, kPage)), kPage);
  ck_assert_uint_eq(memory.on_device(), kPage);
}
END_TEST

START_TEST(several_mappings_are_asked_for_one_by_one) {
  const Bench bench(_i);
  const PeerMemory memory(6, bench.generation());
  fill(all(memory));
  // Other rights make other mappings.
  ck_assert_int_eq(mprotect(memory.data() + 2 * kPage, 2 * kPage, PROT_READ),
                   0);
  const Hnid npu = bench.npu();
  gmem_kernel::forget_calls();
  ck_assert_int_eq(prefetch(bytes(memory, 5, memory.size() - 10), npu), 0);
  ck_assert_uint_eq(memory.on_device(), memory.size());
  // The whole, which was refused, and three parts.
  ck_assert_uint_eq(requests(Request::kPrefetch), 4);
  ck_assert(is_filled(all(memory)));
}
END_TEST

START_TEST(conventional_memory_is_refused_and_stays) {
  const Bench bench(_i);
  const Hnid npu = bench.npu();
  const Area area(3);
  fill(area.all());
  // Of a mapping that is not of whole 2 MiB pages, this can be told from
  // outside.  The first generation tries each page of the others, and says as
  // much of them as of a full device.
  const Error expected =
      bench.generation() == Generation::k6_4 ? -ENOMEM : -EOPNOTSUPP;
  ck_assert_int_eq(prefetch(area.all(), npu), expected);
  munmap(area.data(), small_page());
  const ByteRange rest = area.bytes(kPage, 2 * kPage);
  ck_assert_int_eq(prefetch(rest, npu), -EOPNOTSUPP);
  ck_assert(is_filled(rest));

  const contract::TemporaryFile file(kPage, 'f', true);
  const Area mapped(1, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd());
  ck_assert_int_eq(prefetch(mapped.all(), npu), -EOPNOTSUPP);
  ck_assert(holds_only(mapped.all(), 'f'));
}
END_TEST

START_TEST(beside_conventional_memory_the_rest_is_moved) {
  const Bench bench(_i);
  const PeerMemory memory(2, bench.generation());
  const Neighbour neighbour(memory, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
  const ByteRange both =
      *ByteRange::from(memory.begin(), memory.size() + kPage / 2);
  fill(both);
  ck_assert_int_eq(prefetch(both, bench.npu()), -EOPNOTSUPP);
  ck_assert_uint_eq(memory.on_device(), memory.size());
  ck_assert(is_filled(both));
}
END_TEST

START_TEST(a_hole_is_an_error_and_nothing_is_moved) {
  const Bench bench(_i);
  const PeerMemory memory(6, bench.generation());
  fill(all(memory));
  munmap(memory.data() + 2 * kPage, kPage);
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), -ENOMEM);
  ck_assert_int_eq(prefetch(bytes(memory, 2 * kPage - 1, 2), bench.npu()),
                   -ENOMEM);
  ck_assert_int_eq(prefetch(bytes(memory, 2 * kPage, 1), bench.npu()), -ENOMEM);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert(is_filled(bytes(memory, 0, 2 * kPage)));
  ck_assert(is_filled(bytes(memory, 3 * kPage, 3 * kPage)));
}
END_TEST

START_TEST(memory_without_rights_is_refused_and_nothing_is_moved) {
  const Bench bench(_i);
  const PeerMemory memory(3, bench.generation());
  fill(all(memory));
  const Neighbour neighbour(memory, 1, PROT_NONE);
  const ByteRange both =
      *ByteRange::from(memory.begin(), memory.size() + kPage);
  ck_assert_int_eq(prefetch(both, bench.npu()), -EACCES);
  ck_assert_int_eq(mprotect(memory.data() + kPage, kPage, PROT_NONE), 0);
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), -EACCES);
  ck_assert_uint_eq(memory.on_device(), 0);
}
END_TEST

START_TEST(ends_of_the_address_space_harm_no_kernel) {
  const Bench bench(_i);
  const auto range = [](std::uintptr_t at, std::size_t size) {
    return *ByteRange::from(at, size);
  };
  for (const ByteRange& wild :
       {range(0, 1), range(0, UINTPTR_MAX), range(UINTPTR_MAX - 1, 1),
        range(UINTPTR_MAX - kPage, kPage), range(UINTPTR_MAX / 2, kPage),
        range(std::uintptr_t{1} << 47, 3 * kPage)}) {
    ck_assert_int_eq(prefetch(wild, bench.npu()), -ENOMEM);
    ck_assert_int_eq(prefetch(wild, bench.home()), -ENOMEM);
    const PageRange inside = PageRange::inward(wild);
    if (!inside.empty()) ck_assert_int_eq(discard(inside.bytes()), -ENOMEM);
  }
}
END_TEST

START_TEST(a_full_device_takes_what_it_can_and_no_data_is_lost) {
  const Bench bench(_i, 4);
  const PeerMemory memory(8, bench.generation());
  fill(all(memory));
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), -ENOMEM);
  ck_assert_uint_eq(memory.on_device(), 4 * kPage);
  ck_assert(is_filled(all(memory)));
}
END_TEST

START_TEST(pages_that_fail_keep_none_of_the_others_back) {
  const Bench bench(_i);
  const PeerMemory memory(6, bench.generation());
  fill(all(memory));
  gmem_kernel::fail_page(memory.begin() + 2 * kPage, 1);
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), -ENOMEM);
  ck_assert_uint_eq(memory.on_device(), 5 * kPage);
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), 0);
  ck_assert(is_filled(all(memory)));
}
END_TEST

START_TEST(concurrent_writers_lose_nothing) {
  const Bench bench(_i);
  const PeerMemory memory(4, bench.generation());
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> rounds{0};
  const std::size_t step = 3 * small_page();
  std::thread writer([&] {
    while (!stop) {
      for (std::size_t at = 0; at < memory.size(); at += step)
        ++*reinterpret_cast<volatile std::size_t*>(memory.data() + at);
      ++rounds;
    }
  });
  while (rounds == 0) std::this_thread::yield();
  for (int i = 0; i < 30; ++i) {
    ck_assert_int_eq(prefetch(all(memory), bench.npu()), 0);
    if (i % 3 == 0) ck_assert_int_eq(prefetch(all(memory), bench.home()), 0);
  }
  stop = true;
  writer.join();
  for (std::size_t at = 0; at < memory.size(); at += step)
    ck_assert_uint_eq(*reinterpret_cast<std::size_t*>(memory.data() + at),
                      rounds.load());
}
END_TEST

START_TEST(an_ordinary_node_brings_memory_home) {
  const Bench bench(_i);
  const PeerMemory memory(4, bench.generation());
  fill(bytes(memory, 0, 3 * kPage));
  ck_assert_int_eq(prefetch(bytes(memory, 0, 2 * kPage), bench.npu()), 0);
  ck_assert_int_eq(prefetch(all(memory), bench.home()), 0);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert_uint_eq(contract::present_bytes(all(memory)), memory.size());
  ck_assert(is_filled(bytes(memory, 0, 3 * kPage)));
  // No request of the kernel's is for that.
  ck_assert_uint_eq(requests(Request::kPrefetch), 1);
}
END_TEST

START_TEST(read_only_memory_comes_home_too) {
  const Bench bench(_i);
  const PeerMemory memory(2, bench.generation());
  fill(all(memory));
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), 0);
  ck_assert_int_eq(mprotect(memory.data(), memory.size(), PROT_READ), 0);
  ck_assert_int_eq(prefetch(all(memory), bench.home()), 0);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert(is_filled(all(memory)));
}
END_TEST

START_TEST(pinned_pages_stay_and_nobody_is_killed) {
  const Bench bench(_i);
  const PeerMemory memory(5, bench.generation());
  fill(all(memory));
  ck_assert_int_eq(prefetch(all(memory), bench.npu()), 0);
  gmem_kernel::pin(memory.begin() + kPage, 2 * kPage);
  ck_assert_int_eq(prefetch(all(memory), bench.home()), -EBUSY);
  ck_assert_uint_eq(memory.on_device(), 2 * kPage);
  ck_assert_uint_eq(on_device(bytes(memory, kPage, 2 * kPage)), 2 * kPage);
  ck_assert(is_filled(bytes(memory, 0, kPage)));
  ck_assert(is_filled(bytes(memory, 3 * kPage, 2 * kPage)));
}
END_TEST

START_TEST(eager_free_drops_whole_pages_wherever_they_are) {
  const Bench bench(_i);
  const PeerMemory memory(6, bench.generation());
  fill(all(memory));
  ck_assert_int_eq(prefetch(bytes(memory, 0, 3 * kPage), bench.npu()), 0);
  ck_assert_int_eq(discard(bytes(memory, 1, memory.size() - 2)), 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert(holds_only(bytes(memory, kPage, 4 * kPage), 0));
  ck_assert(is_filled(bytes(memory, 0, kPage)));
  ck_assert(is_filled(bytes(memory, 5 * kPage, kPage)));
}
END_TEST

START_TEST(eager_free_does_conventional_memory_in_the_range_too) {
  const Bench bench(_i);
  const PeerMemory memory(2, bench.generation());
  const Neighbour neighbour(memory, 3, PROT_READ | PROT_WRITE);
  const auto pages = [&](std::size_t first, std::size_t count) {
    return *ByteRange::from(memory.begin() + first * kPage, count * kPage);
  };
  fill(pages(0, 5));
  ck_assert_int_eq(prefetch(pages(0, 1), bench.npu()), 0);
  ck_assert_int_eq(discard(*ByteRange::from(memory.begin(), 5 * kPage - 1)), 0);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert_uint_eq(contract::present_bytes(pages(0, 4)), 0);
  ck_assert(holds_only(pages(0, 4), 0));
  ck_assert(is_filled(pages(4, 1)));
}
END_TEST

START_TEST(eager_free_of_a_hole_is_an_error_and_frees_nothing) {
  const Bench bench(_i);
  const PeerMemory memory(4, bench.generation());
  fill(all(memory));
  ck_assert_int_eq(prefetch(bytes(memory, 0, kPage), bench.npu()), 0);
  munmap(memory.data() + kPage, kPage);
  gmem_kernel::forget_calls();
  ck_assert_int_eq(discard(all(memory)), -ENOMEM);
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  ck_assert(is_filled(bytes(memory, 0, kPage)));
  ck_assert(is_filled(bytes(memory, 2 * kPage, 2 * kPage)));
}
END_TEST

START_TEST(where_memory_is_is_told_where_the_kernel_tells) {
  const Bench bench(_i);
  gmem::Device& device = ascend::device();
  const PeerMemory memory(4, bench.generation());
  fill(all(memory));
  std::size_t resident = 0;
  ck_assert_int_eq(device.resident_size(all(memory), Hnid::kAny, &resident), 0);
  ck_assert_uint_eq(resident, memory.size());
  // What is on the device, nobody tells.
  ck_assert_int_eq(prefetch(bytes(memory, 0, kPage), bench.npu()), 0);
  ck_assert_int_eq(device.resident_size(all(memory), bench.npu(), &resident),
                   -ENOSYS);
  ck_assert_int_eq(device.resident_size(all(memory), Hnid::kAny, &resident),
                   -ENOSYS);
  ck_assert_int_eq(device.resident_size(all(memory), bench.home(), &resident),
                   0);
  ck_assert_uint_eq(resident, 3 * kPage);
  ck_assert_int_eq(device.resident_size(bytes(memory, 2 * kPage, kPage),
                                        Hnid::kAny, &resident),
                   0);
  ck_assert_uint_eq(resident, kPage);
  // Memory that can be on no device.
  const Area area(2);
  munmap(area.data(), small_page());
  fill(area.bytes(kPage, 5 * small_page()));
  ck_assert_int_eq(
      device.resident_size(area.bytes(kPage, kPage), Hnid::kAny, &resident), 0);
  ck_assert_uint_eq(resident,
                    contract::present_bytes(area.bytes(kPage, kPage)));
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("ascend moves");
  TCase* group = tcase_create("moves");
  for (const TTest* test : std::array{
           memory_moves_to_the_device_and_a_touch_brings_it_back,
           untouched_memory_is_zero_on_the_device,
           one_mapping_costs_one_request,
           one_byte_brings_its_page,
           several_mappings_are_asked_for_one_by_one,
           conventional_memory_is_refused_and_stays,
           beside_conventional_memory_the_rest_is_moved,
           a_hole_is_an_error_and_nothing_is_moved,
           memory_without_rights_is_refused_and_nothing_is_moved,
           ends_of_the_address_space_harm_no_kernel,
           a_full_device_takes_what_it_can_and_no_data_is_lost,
           pages_that_fail_keep_none_of_the_others_back,
           concurrent_writers_lose_nothing,
           an_ordinary_node_brings_memory_home,
           read_only_memory_comes_home_too,
           pinned_pages_stay_and_nobody_is_killed,
           eager_free_drops_whole_pages_wherever_they_are,
           eager_free_does_conventional_memory_in_the_range_too,
           eager_free_of_a_hole_is_an_error_and_frees_nothing,
           where_memory_is_is_told_where_the_kernel_tells,
       })
    tcase_add_loop_test(group, test, 0, static_cast<int>(kGenerations.size()));
  suite_add_tcase(suite, group);
  return suite;
}
