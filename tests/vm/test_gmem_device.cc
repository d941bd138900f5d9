// SPDX-License-Identifier: MulanPSL-2.0
// The library from end to end on a kernel with GMEM, as far as the module of
// ours goes: malloc, the exported calls, real system calls, real nodes.  The
// Ascend runtime is the double of it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <array>
#include <thread>
#include <vector>

#include "ascend/loaded_runtime.h"
#include "libgmem.h"
#include "support/check_main.h"
#include "support/child_process.h"
#include "vm/gmem_kernel.h"
#include "vm/placement.h"

// What the double of the runtime calls as a device is set.
extern "C" void gmem_kernel_double_attach(int) {
  gmem_kernel::tell_double("attach");
}
extern "C" void gmem_kernel_double_detach() {
  gmem_kernel::tell_double("detach");
}

namespace {

using contract::Area;
using contract::fill;
using contract::holds_only;
using contract::is_filled;
using contract::kPage;
using gmem::ByteRange;
using gmem_kernel::expected_hnid;
using gmem_kernel::pages_on_device;
using gmem_kernel::PeerArea;
using placement::lies_on;

// A program that has loaded the runtime and set its device; nothing is amiss in
// the kernel afterwards.
class Program {
 public:
  Program() : runtime_(ascend::kFull) { runtime_.set_device(); }
  ~Program() { ck_assert_int_eq(gmem_kernel::violations(), violations_); }

 private:
  const int violations_ = gmem_kernel::violations();
  const ascend::LoadedRuntime runtime_;
};

unsigned long address(const void* memory) {
  return reinterpret_cast<unsigned long>(memory);
}

// From malloc, and freed.
class Block {
 public:
  explicit Block(std::size_t size) : size_(size), data_(malloc(size)) {
    ck_assert_ptr_nonnull(data_);
  }
  ~Block() { free(data_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  unsigned long at() const { return address(data_); }
  std::size_t size() const { return size_; }
  ByteRange all() const { return *ByteRange::from(at(), size_); }

 private:
  const std::size_t size_;
  void* const data_;
};

START_TEST(the_device_serves_once_it_is_set) {
  const Program program;
  ck_assert_str_eq(gmemDeviceName(), "ascend");
  ck_assert_int_eq(gmemGetNumaId(), expected_hnid());
}
END_TEST

START_TEST(heap_memory_goes_to_the_device_and_comes_back) {
  const Program program;
  const Block block(8 * kPage);
  fill(block.all());
  const long before = pages_on_device();
  ck_assert_int_eq(
      gmemPrefetch(block.at(), block.size(), gmemGetNumaId(), nullptr), 0);
  ck_assert_int_ge(pages_on_device(), before + 8);
  ck_assert(is_filled(block.all()));
  ck_assert_int_eq(pages_on_device(), before);
}
END_TEST

START_TEST(an_ordinary_node_brings_memory_home) {
  const Program program;
  const PeerArea area(4);
  fill(area.all());
  const int npu = gmemGetNumaId();
  const long before = pages_on_device();
  ck_assert_int_eq(gmemPrefetch(area.at(), area.size(), npu, nullptr), 0);
  ck_assert_int_eq(pages_on_device(), before + 4);
  ck_assert_int_eq(
      gmemPrefetch(area.at(), area.size(), placement::kHome, nullptr), 0);
  ck_assert_int_eq(pages_on_device(), before);
  ck_assert(lies_on(area.all(), placement::kHome));
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(memory_is_filled_in_on_the_node_that_is_named) {
  const Program program;
  const PeerArea area(2);
  ck_assert_int_eq(
      gmemPrefetch(area.at(), area.size(), placement::kTarget, nullptr), 0);
  ck_assert(lies_on(area.all(), placement::kTarget));
  // Between ordinary nodes GMEM memory is not moved, and it is said.
  ck_assert_int_eq(
      gmemPrefetch(area.at(), area.size(), placement::kHome, nullptr), -EBUSY);
  ck_assert(lies_on(area.all(), placement::kTarget));
}
END_TEST

START_TEST(conventional_memory_is_the_hosts) {
  const Program program;
  const Area area(3);
  munmap(area.data(), contract::small_page());
  const ByteRange rest = area.bytes(kPage, 2 * kPage);
  fill(rest);
  ck_assert_int_eq(
      gmemPrefetch(rest.begin(), rest.size(), gmemGetNumaId(), nullptr),
      -EOPNOTSUPP);
  ck_assert(lies_on(rest, placement::kHome));
  ck_assert_int_eq(
      gmemPrefetch(rest.begin(), rest.size(), placement::kTarget, nullptr), 0);
  ck_assert(lies_on(rest, placement::kTarget));
  ck_assert(is_filled(rest));
}
END_TEST

START_TEST(conventional_memory_that_looks_peer_shared_is_the_hosts_too) {
  const Program program;
  const Area area(3);
  fill(area.all());
  ck_assert(lies_on(area.all(), placement::kHome));
  ck_assert_int_eq(
      gmemPrefetch(area.begin(), area.size(), placement::kTarget, nullptr), 0);
  ck_assert(lies_on(area.all(), placement::kTarget));
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(eager_free_gives_the_devices_memory_back) {
  const Program program;
  const PeerArea area(4);
  fill(area.all());
  const long before = pages_on_device();
  ck_assert_int_eq(gmemPrefetch(area.at(), 2 * kPage, gmemGetNumaId(), nullptr),
                   0);
  ck_assert_int_eq(gmemFreeEager(area.at(1), area.size() - 1, nullptr), 0);
  ck_assert_int_eq(pages_on_device(), before + 1);
  ck_assert(holds_only(area.bytes(kPage, 3 * kPage), 0));
  ck_assert(is_filled(area.page(0)));
}
END_TEST

START_TEST(streams_carry_operations_out_in_order) {
  const Program program;
  void* stream = nullptr;
  ck_assert_int_eq(gmemStreamCreate(&stream), 0);
  const PeerArea area(4);
  fill(area.all());
  const int npu = gmemGetNumaId();
  const long before = pages_on_device();
  for (int i = 0; i < 10; ++i)
    ck_assert_int_eq(gmemPrefetch(area.at(), area.size(), npu, stream), 0);
  ck_assert_int_eq(gmemFreeEager(area.at(), 2 * kPage, stream), 0);
  ck_assert_int_eq(gmemStreamSynchronize(stream), 0);
  ck_assert_int_eq(pages_on_device(), before + 2);
  ck_assert_int_eq(gmemFreeEager(area.at(), area.size(), stream), 0);
  ck_assert_int_eq(gmemStreamDestroy(stream), 0);
  ck_assert_int_eq(pages_on_device(), before);
}
END_TEST

START_TEST(a_child_finds_the_heap_as_it_was) {
  const Program program;
  const Block block(6 * kPage);
  fill(block.all());
  ck_assert_int_eq(
      gmemPrefetch(block.at(), block.size(), gmemGetNumaId(), nullptr), 0);
  ck_assert_int_eq(run_in_child([&] {
                     if (!is_filled(block.all())) return 1;
                     const Block own(3 * kPage);
                     fill(own.all());
                     return is_filled(own.all()) ? 0 : 2;
                   }),
                   0);
  ck_assert(is_filled(block.all()));
}
END_TEST

START_TEST(where_memory_is_on_a_device_nobody_tells) {
  const Program program;
  const PeerArea area(2);
  fill(area.all());
  size_t resident = 0;
  ck_assert_int_eq(
      gmemGetResidentSize(area.at(), area.size(), gmemGetNumaId(), &resident),
      -ENOSYS);
  ck_assert_int_eq(
      gmemGetResidentSize(area.at(), area.size(), GMEM_ANY_NODE, &resident), 0);
  ck_assert_uint_eq(resident, area.size());
}
END_TEST

START_TEST(threads_allocate_prefetch_and_free_at_once) {
  const Program program;
  const int npu = gmemGetNumaId();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([npu] {
      for (int round = 0; round < 5; ++round) {
        const Block block(3 * kPage);
        fill(block.all());
        ck_assert_int_eq(gmemPrefetch(block.at(), block.size(), npu, nullptr),
                         0);
        ck_assert(is_filled(block.all()));
      }
    });
  for (std::thread& thread : threads) thread.join();
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("gmem device");
  TCase* group = tcase_create("end to end");
  for (const TTest* test : std::array{
           the_device_serves_once_it_is_set,
           heap_memory_goes_to_the_device_and_comes_back,
           an_ordinary_node_brings_memory_home,
           memory_is_filled_in_on_the_node_that_is_named,
           conventional_memory_is_the_hosts,
           conventional_memory_that_looks_peer_shared_is_the_hosts_too,
           eager_free_gives_the_devices_memory_back,
           streams_carry_operations_out_in_order,
           a_child_finds_the_heap_as_it_was,
           where_memory_is_on_a_device_nobody_tells,
           threads_allocate_prefetch_and_free_at_once,
       })
    tcase_add_test(group, test);
  suite_add_tcase(suite, group);
  return suite;
}
