// SPDX-License-Identifier: MulanPSL-2.0
// The heap of a program on GMEM kernels: memory that the device can share
// where there is any to be had, ordinary memory where not.  test_heap.sh runs
// each group on the kernels that it is for.
#include <errno.h>
#include <libgmem.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "ascend/gmem_descriptors.h"
#include "ascend/heap_program.h"
#include "core/name_mapping.h"
#include "support/check_main.h"
#include "support/child_process.h"
#include "support/resident_memory.h"

namespace {

using namespace heap_program;
using gmem_kernel::Request;

constexpr int kOrdinaryNode = 0;

bool holds_only_zeros(const char* data, std::size_t size) {
  return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

// The name that /proc/self/maps gives the mapping.
std::string name_of(const void* block) {
  FILE* const file = fopen("/proc/self/maps", "re");
  if (file == nullptr) throw std::runtime_error("no /proc/self/maps");
  char line[512];
  std::string found;
  while (fgets(line, sizeof line, file) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char name[256] = "";
    if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %255s", &begin, &end, name) < 2)
      continue;
    if (begin <= address_of(block) && address_of(block) < end) found = name;
  }
  fclose(file);
  return found;
}

bool can_name_mappings() {
  const contract::Area area(1);
  gmem::name_mapping(area.all(), "tried");
  return name_of(area.data()) == "[anon:tried]";
}

std::size_t whole_pages_inside(const Block& block) {
  const std::uintptr_t begin = gmem_kernel::page_up(address_of(block.data()));
  const std::uintptr_t end =
      gmem_kernel::page_down(address_of(block.data()) + block.size());
  return begin < end ? end - begin : 0;
}

START_TEST(blocks_of_all_sizes_are_peer_shared) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{3000}, std::size_t{100000}, 3 * kMiB, kBig,
        300 * kMiB})
    ck_assert(is_peer_shared(Block(size).data()));
  for (const std::size_t alignment : {kPage, 4 * kPage, 64 * kPage}) {
    void* const block = aligned_alloc(alignment, 64 * kPage);
    ck_assert(is_peer_shared(block));
    ck_assert_uint_eq(address_of(block) % alignment, 0);
    free(block);
  }
  void* const zeros = calloc(1000, 1000);
  ck_assert(is_peer_shared(zeros));
  free(zeros);
}
END_TEST

START_TEST(mappings_tell_by_name_what_they_are) {
  if (!can_name_mappings()) return;
  const Block block(kBig);
  const std::string name = name_of(block.data());
  ck_assert_str_eq(name.c_str(), "[anon:gmem-peer]");
}
END_TEST

// All that jemalloc needs of its own for so many blocks lies elsewhere.
START_TEST(bookkeeping_is_not_peer_shared) {
  const std::size_t before = peer_shared_bytes();
  constexpr std::size_t kCount = 400;
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < kCount; ++i) blocks.push_back(malloc(kPage));
  const std::size_t grown = peer_shared_bytes() - before;
  ck_assert_uint_ge(grown, kCount * kPage / 2);
  for (void* block : blocks) free(block);
  if (!can_name_mappings()) return;
  bool found = false;
  FILE* const file = fopen("/proc/self/maps", "re");
  char line[512];
  while (fgets(line, sizeof line, file) != nullptr) {
    if (strstr(line, "[anon:gmem]") == nullptr) continue;
    found = true;
    ck_assert(!gmem_kernel::in_window(strtoul(line, nullptr, 16)));
  }
  fclose(file);
  ck_assert(found);
}
END_TEST

START_TEST(blocks_go_to_the_device_and_come_home) {
  const Npu npu;
  for (const std::size_t size :
       {std::size_t{100}, std::size_t{70000}, 3 * kMiB + 5, kBig + 7}) {
    const Block block(size);
    block.fill();
    ck_assert_int_eq(block.prefetch(npu.node()), 0);
    ck_assert_uint_ge(block.on_device(), whole_pages_inside(block));
    ck_assert(block.is_filled());
    ck_assert_uint_eq(block.on_device(), 0);
    ck_assert_int_eq(block.prefetch(npu.node()), 0);
    ck_assert_int_eq(block.prefetch(kOrdinaryNode), 0);
    ck_assert_uint_eq(block.on_device(), 0);
    ck_assert(block.is_filled());
  }
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(freed_memory_goes_back_in_whole_pages_by_one_way) {
  const Npu npu;
  { const Block warm_up(4 * kBig); }
  const std::size_t mapped = peer_shared_bytes();
  const std::size_t resident = resident_kib();
  gmem_kernel::forget_calls();
  {
    const Block block(4 * kBig - 3 * kMiB);
    block.fill();
    ck_assert_int_eq(block.prefetch(0, kBig, npu.node()), 0);
  }
  std::size_t given_back = 0;
  for (std::size_t i = 0; i < gmem_kernel::call_count(); ++i) {
    const gmem_kernel::Call call = gmem_kernel::call(i);
    if (call.request != Request::kDiscard) continue;
    ck_assert_int_eq(call.result, 0);
    ck_assert_uint_eq(call.start % kPage, 0);
    ck_assert_uint_eq(call.size % kPage, 0);
    given_back += call.size;
  }
  ck_assert_uint_ge(given_back, 3 * kBig);
  ck_assert_uint_le(resident_kib(), resident + kBig / 1024);
  ck_assert_uint_eq(peer_shared_bytes(), mapped);
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(reused_memory_of_the_device_reads_as_zero) {
  const Npu npu;
  for (int round = 0; round < 6; ++round) {
    const std::size_t size = kBig + static_cast<std::size_t>(round) * 777777;
    {
      const Block block(size);
      block.fill();
      ck_assert_int_eq(block.prefetch(size / 3, size / 3, npu.node()), 0);
    }
    char* const zeros = static_cast<char*>(calloc(1, size));
    ck_assert(is_peer_shared(zeros));
    ck_assert(holds_only_zeros(zeros, size));
    free(zeros);
  }
  std::vector<char*> small;
  for (int i = 0; i < 5000; ++i) {
    char* const zeros = static_cast<char*>(calloc(1, 5000));
    ck_assert(holds_only_zeros(zeros, 5000));
    memset(zeros, 1, 5000);
    small.push_back(zeros);
  }
  for (char* block : small) free(block);
}
END_TEST

START_TEST(realloc_keeps_what_lies_on_the_device) {
  const Npu npu;
  Block block(kBig);
  block.fill();
  ck_assert_int_eq(block.prefetch(kPage, 4 * kPage, npu.node()), 0);
  block.resize(3 * kBig);
  ck_assert(block.is_filled(0, kBig));
  block.fill(kBig);
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  const Block in_the_way(kBig);
  block.resize(8 * kBig);
  ck_assert(block.is_filled(0, 3 * kBig));
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  block.resize(kPage + 1000);
  ck_assert(block.is_filled());
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  block.resize(5000);
  ck_assert(block.is_filled());
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(memory_can_be_asked_for_by_node) {
  const Npu npu;
  void* peer = gmemAlloc(kBig, npu.node());
  ck_assert(is_peer_shared(peer));
  ck_assert_int_eq(gmemPrefetch(address_of(peer), kBig, npu.node(), nullptr),
                   0);
  ck_assert_uint_ge(gmem_kernel::bytes_on_device(address_of(peer), kBig),
                    kBig - kPage);
  peer = realloc(peer, 2 * kBig);
  ck_assert(is_peer_shared(peer));
  void* ordinary = gmemAlloc(kBig, kOrdinaryNode);
  ck_assert_ptr_nonnull(ordinary);
  ck_assert(!is_peer_shared(ordinary));
  ordinary = realloc(ordinary, 2 * kBig);
  ck_assert(!is_peer_shared(ordinary));
  ck_assert_int_ne(
      gmemPrefetch(address_of(ordinary), kBig, npu.node(), nullptr), 0);
  ck_assert_int_eq(
      gmemPrefetch(address_of(ordinary), kBig, kOrdinaryNode, nullptr), 0);
  gmemFree(ordinary);
  free(peer);
  errno = 0;
  ck_assert_ptr_null(gmemAlloc(kPage, npu.node() + 1));
  ck_assert_int_eq(errno, EINVAL);
}
END_TEST

// What each thread does until all have done their share.
void churn(unsigned seed, int npu, std::atomic<int>& bad) {
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    const Block block(1 + random() % (round % 8 == 0 ? 10 * kPage : 50000));
    block.fill();
    const int error = block.prefetch(round % 3 == 0 ? kOrdinaryNode : npu);
    // Another thread's prefetch may take a page away while it is looked at.
    if (error != 0 && error != -EBUSY) ++bad;
    if (!block.is_filled()) ++bad;
    Block grown(100);
    grown.fill();
    grown.resize(random() % (3 * kPage) + 100);
    if (!grown.is_filled(0, 100)) ++bad;
  }
}

START_TEST(threads_allocate_prefetch_and_free_at_once) {
  const Npu npu;
  std::atomic<int> bad{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i)
    threads.emplace_back(churn, i, npu.node(), std::ref(bad));
  for (std::thread& thread : threads) thread.join();
  ck_assert_int_eq(bad, 0);
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(many_rounds_do_not_grow) {
  const Npu npu;
  std::atomic<int> bad{0};
  std::size_t mapped = 0;
  std::size_t resident = 0;
  for (unsigned round = 0; round < 16; ++round) {
    churn(round, npu.node(), bad);
    const Block block(3 * kBig);
    block.fill();
    ck_assert_int_eq(block.prefetch(npu.node()), 0);
    if (round != 4) continue;
    mapped = peer_shared_bytes();
    resident = resident_kib();
  }
  ck_assert_int_eq(bad, 0);
  ck_assert_uint_le(peer_shared_bytes(), 2 * mapped);
  ck_assert_uint_le(resident_kib(), 2 * resident);
}
END_TEST

// Group "before a device": the newest kernel has nothing to give yet.
START_TEST(chunks_are_peer_shared_once_a_device_is_attached) {
  ck_assert_uint_eq(peer_shared_bytes(), 0);
  const Npu npu;
  ck_assert_int_eq(npu.node(), -ENODEV);
  const Block old(kBig);
  old.fill();
  ck_assert(!is_peer_shared(old.data()));
  gmem_kernel::attach();
  ck_assert_int_eq(npu.node(), gmem_kernel::hnid());
  const Block fresh(400 * kMiB);
  ck_assert(is_peer_shared(fresh.data()));
  ck_assert_int_eq(fresh.prefetch(0, kBig, npu.node()), 0);
  ck_assert_int_eq(old.prefetch(npu.node()), -EOPNOTSUPP);
  ck_assert(old.is_filled());
}
END_TEST

START_TEST(a_mixed_heap_reuses_all_of_its_memory) {
  const Npu npu;
  std::vector<Block*> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(new Block(kBig));
  gmem_kernel::attach();
  for (int i = 0; i < 40; ++i) blocks.push_back(new Block(kBig));
  int peer_shared = 0;
  for (const Block* block : blocks) {
    block->fill();
    peer_shared += is_peer_shared(block->data());
  }
  ck_assert_int_ge(peer_shared, 20);
  ck_assert_int_le(peer_shared, 40);
  for (const Block* block : blocks) {
    const bool shared = is_peer_shared(block->data());
    ck_assert_int_eq(block->prefetch(npu.node()), shared ? 0 : -EOPNOTSUPP);
    ck_assert(block->is_filled());
  }
  const std::size_t mapped = peer_shared_bytes();
  const std::size_t resident = resident_kib();
  for (int round = 0; round < 5; ++round) {
    for (Block*& block : blocks) {
      delete block;
      block = new Block(kBig);
      block->fill();
    }
    for (const Block* block : blocks) ck_assert(block->is_filled());
  }
  ck_assert_uint_eq(peer_shared_bytes(), mapped);
  for (Block* block : blocks) delete block;
  ck_assert_uint_le(resident_kib(), resident - 30 * kBig / 1024);
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

// Group "ordinary".
START_TEST(all_works_in_ordinary_memory) {
  ck_assert_uint_eq(peer_shared_bytes(), 0);
  Block block(kBig);
  block.fill();
  block.resize(3 * kBig);
  ck_assert(block.is_filled(0, kBig));
  const std::size_t resident = resident_kib();
  {
    const Block passing(4 * kBig);
    passing.fill();
  }
  ck_assert_uint_le(resident_kib(), resident + kBig / 1024);
  char* const zeros = static_cast<char*>(calloc(1, 4 * kBig));
  ck_assert(holds_only_zeros(zeros, 4 * kBig));
  free(zeros);
  ck_assert_int_eq(run_in_child([&] { return !block.is_filled(0, kBig); }), 0);
  ck_assert_str_eq(gmemDeviceName(), "host");
  ck_assert_int_eq(block.prefetch(0, kBig, kOrdinaryNode), 0);
  ck_assert_int_eq(
      gmemFreeEager(address_of(block.data()), block.size(), nullptr), 0);
  ck_assert_uint_eq(peer_shared_bytes(), 0);
}
END_TEST

// Group "device file".
START_TEST(nobody_opens_the_device_file_for_the_heap_alone) {
  ck_assert_int_eq(gmem_descriptors(), 0);
  for (int i = 0; i < 1000; ++i) {
    const Block block(static_cast<std::size_t>(i) * 100 + 1);
    block.fill();
  }
  const Block big(300 * kMiB);
  ck_assert(is_peer_shared(big.data()));
  ck_assert_int_eq(run_in_child([] { return 0; }), 0);
  ck_assert_int_eq(gmem_descriptors(), 0);
  const Npu npu;
  ck_assert_int_eq(gmem_descriptors(), 1);
}
END_TEST

void add(Suite* suite, const char* group, const TTest* test) {
  static TCase* last = nullptr;
  static std::string last_name;
  if (last_name != group) {
    last = tcase_create(group);
    last_name = group;
    tcase_set_timeout(last, 240);
    suite_add_tcase(suite, last);
  }
  tcase_add_test(last, test);
}

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("ascend heap");
  for (const TTest* test :
       {blocks_of_all_sizes_are_peer_shared,
        mappings_tell_by_name_what_they_are, bookkeeping_is_not_peer_shared,
        blocks_go_to_the_device_and_come_home,
        freed_memory_goes_back_in_whole_pages_by_one_way,
        reused_memory_of_the_device_reads_as_zero,
        realloc_keeps_what_lies_on_the_device, memory_can_be_asked_for_by_node,
        threads_allocate_prefetch_and_free_at_once, many_rounds_do_not_grow})
    add(suite, "peer-shared", test);
  add(suite, "before a device",
      chunks_are_peer_shared_once_a_device_is_attached);
  add(suite, "before a device", a_mixed_heap_reuses_all_of_its_memory);
  add(suite, "ordinary", all_works_in_ordinary_memory);
  add(suite, "device file", nobody_opens_the_device_file_for_the_heap_alone);
  return suite;
}
