// SPDX-License-Identifier: MulanPSL-2.0
// The double of the GMEM kernel where the pages themselves do not move: what
// the ledger says, and what a child of fork finds.
#include "doubles/peer_memory.h"
#include "support/check_main.h"
#include "support/child_process.h"

namespace {

using gmem_kernel::Device;
using gmem_kernel::Generation;
using gmem_kernel::PeerMemory;

constexpr std::size_t kPage = gmem_kernel::kPageSize;

int prefetch(const Device& device, std::uintptr_t begin, std::size_t size) {
  return device.advise(gmem_kernel::hnid(), begin, size,
                       gmem_kernel::kMadvPrefetch);
}

START_TEST(the_ledger_moves_and_the_pages_stay) {
  gmem_kernel::install({});
  ck_assert(!gmem_kernel::pages_leave_the_cpu());
  const Device device;
  PeerMemory memory(3, Generation::kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory.begin(), 2 * kPage), 0);
  ck_assert_uint_eq(memory.on_device(), 2 * kPage);
  ck_assert(memory.holds_only(7));
  ck_assert_uint_eq(memory.on_device(), 2 * kPage);
  ck_assert_int_eq(
      device.advise(-1, memory.begin(), kPage, gmem_kernel::kMadvDontneed), 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert_int_eq(memory[0], 0);
  ck_assert_int_eq(memory[kPage], 7);
}
END_TEST

START_TEST(a_child_finds_zeros_and_goes_on) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(2, Generation::kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory.begin(), kPage), 0);
  const int status = run_in_child([&] {
    if (memory.on_device() != 0) return 1;
    if (memory[0] != 0 || memory[kPage] != 7) return 2;
    if (prefetch(device, memory.begin() + kPage, kPage) != 0) return 3;
    return memory.on_device() == kPage ? 0 : 4;
  });
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert(memory.holds_only(7));
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("ledger without pages");
  TCase* group = tcase_create("ledger without pages");
  tcase_add_test(group, the_ledger_moves_and_the_pages_stay);
  tcase_add_test(group, a_child_finds_zeros_and_goes_on);
  suite_add_tcase(suite, group);
  return suite;
}
