// SPDX-License-Identifier: MulanPSL-2.0
// What the double of the GMEM kernel answers, generation by generation, to
// plain system calls.  Each test is a process of its own, and so has a kernel
// of its own.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "doubles/peer_memory.h"
#include "doubles/skip_without_kernel.h"
#include "support/check_main.h"

namespace {

using gmem_kernel::Device;
using gmem_kernel::Generation;
using gmem_kernel::Options;
using gmem_kernel::PeerMemory;

constexpr std::size_t kPage = gmem_kernel::kPageSize;
constexpr std::uintptr_t kTop = ~std::uintptr_t{0};

// Every row is tried on each of them; the loop's number is
// row * kGenerations + generation.
constexpr int kGenerations = 3;
constexpr Generation kAll[kGenerations] = {Generation::k6_4, Generation::k6_6,
                                           Generation::kNewest};

struct Expected {
  int of[kGenerations];
};
constexpr Expected always(int value) { return {{value, value, value}}; }

Options kernel(Generation generation) {
  Options options;
  options.generation = generation;
  return options;
}

enum class Where { kPeer, kPlain, kNowhere, kAbsolute };
enum class Node { kDevice, kHost, kNone, kBelowNone, kUnused, kBeyond };

struct MadviseRow {
  const char* name;
  Node node;
  Where where;
  std::uintptr_t start;  // within that memory of four pages
  std::size_t size;
  int behavior;
  Expected result;
  Expected pages_on_device;
  Expected violations;
};

int number_of(Node node) {
  switch (node) {
    case Node::kDevice:
      return gmem_kernel::hnid();
    case Node::kHost:
      return 0;
    case Node::kNone:
      return -1;
    case Node::kBelowNone:
      return -2;
    case Node::kUnused:
      return gmem_kernel::kMaxNumnodes - 1;
    default:
      return gmem_kernel::kMaxNumnodes;
  }
}

// Four pages of plain memory, aligned.
std::uintptr_t plain_memory() {
  static char* const data = [] {
    void* const mapped = mmap(nullptr, 8 * kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return static_cast<char*>(mapped);
  }();
  *data = 1;
  return gmem_kernel::page_up(reinterpret_cast<std::uintptr_t>(data));
}

std::uintptr_t address_of(Where where, const PeerMemory& peer) {
  switch (where) {
    case Where::kPeer:
      return peer.begin();
    case Where::kPlain:
      return plain_memory();
    case Where::kNowhere:
      return peer.begin() + 64 * kPage;
    default:
      return 0;
  }
}

void try_row(const MadviseRow& row, int generation, bool on_device_before) {
  gmem_kernel::install(kernel(kAll[generation]));
  const Device device;
  PeerMemory peer(4, kAll[generation]);
  if (on_device_before)
    ck_assert_int_eq(device.advise(gmem_kernel::hnid(), peer.begin(),
                                   peer.size(), gmem_kernel::kMadvPrefetch),
                     0);
  const int result = device.advise(number_of(row.node),
                                   address_of(row.where, peer) + row.start,
                                   row.size, row.behavior);
  ck_assert_msg(result == row.result.of[generation], "%s: %d", row.name,
                result);
  const std::size_t pages = peer.on_device() / kPage;
  ck_assert_msg(static_cast<int>(pages) == row.pages_on_device.of[generation],
                "%s: %zu pages on the device", row.name, pages);
  const std::size_t violations = gmem_kernel::violations();
  ck_assert_msg(static_cast<int>(violations) == row.violations.of[generation],
                "%s: %zu violations", row.name, violations);
}

constexpr int kPrefetch = gmem_kernel::kMadvPrefetch;
constexpr int kPin = gmem_kernel::kMadvPinned;
constexpr int kUnpin = gmem_kernel::kMadvUnpinned;
constexpr int kDontneed = gmem_kernel::kMadvDontneed;
constexpr int kWillneed = 3;
constexpr int kUnknown = gmem_kernel::kRetUnknown;

constexpr Expected kNothing = always(0);
constexpr Expected kInvalid = always(-EINVAL);
constexpr Expected kOnlyOn6_4 = {{1, 0, 0}};
constexpr Expected kUpTo6_6 = {{1, 1, 0}};

// With nothing on the device before.
constexpr MadviseRow kPrefetchRows[] = {
    {"the whole mapping", Node::kDevice, Where::kPeer, 0, 4 * kPage, kPrefetch,
     always(0), always(4), kNothing},
    {"a byte", Node::kDevice, Where::kPeer, kPage + 5, 1, kPrefetch, always(0),
     always(1), kNothing},
    {"two bytes of two pages", Node::kDevice, Where::kPeer, kPage - 1, 2,
     kPrefetch, always(0), always(2), kNothing},
    {"size 0, aligned", Node::kDevice, Where::kPeer, kPage, 0, kPrefetch,
     always(0), always(0), kNothing},
    {"size 0, aligned, nothing mapped",
     Node::kDevice,
     Where::kNowhere,
     0,
     0,
     kPrefetch,
     {{kUnknown, 0, 0}},
     always(0),
     kNothing},
    {"size 0, unaligned", Node::kDevice, Where::kPeer, kPage + 1, 0, kPrefetch,
     always(0), always(1), kNothing},
    {"wraps", Node::kDevice, Where::kAbsolute, kTop, kTop, kPrefetch, kInvalid,
     always(0), kOnlyOn6_4},
    {"end rounds up to 0", Node::kDevice, Where::kAbsolute, kTop - kPage, 2,
     kPrefetch, kInvalid, always(0), kOnlyOn6_4},
    {"end of the address space", Node::kDevice, Where::kAbsolute, kTop, 1,
     kPrefetch, kInvalid, always(0), kOnlyOn6_4},
    {"reaches beyond the mapping", Node::kDevice, Where::kPeer, 0,
     4 * kPage + 1, kPrefetch, always(kUnknown), always(0), kNothing},
    {"nothing mapped", Node::kDevice, Where::kNowhere, 0, kPage, kPrefetch,
     always(kUnknown), always(0), kNothing},
    {"plain memory",
     Node::kDevice,
     Where::kPlain,
     0,
     kPage,
     kPrefetch,
     {{-EFAULT, kUnknown, kUnknown}},
     always(0),
     kNothing},
    {"node of the host", Node::kHost, Where::kPeer, 0, kPage, kPrefetch,
     kInvalid, always(0), kNothing},
    {"no node", Node::kNone, Where::kPeer, 0, kPage, kPrefetch, kInvalid,
     always(0), kNothing},
    {"hnid -2", Node::kBelowNone, Where::kPeer, 0, kPage, kPrefetch, kInvalid,
     always(0), kNothing},
    {"unused hnid", Node::kUnused, Where::kPeer, 0, kPage, kPrefetch, kInvalid,
     always(0), kNothing},
    {"hnid beyond all", Node::kBeyond, Where::kPeer, 0, kPage, kPrefetch,
     kInvalid, always(0), kUpTo6_6},
    {"the node is looked at before the range", Node::kHost, Where::kNowhere, 0,
     kPage, kPrefetch, kInvalid, always(0), kNothing},
    {"pin",
     Node::kDevice,
     Where::kPeer,
     0,
     kPage,
     kPin,
     {{-EINVAL, -EINVAL, 0}},
     {{0, 0, 1}},
     kNothing},
    {"unpin also moves",
     Node::kDevice,
     Where::kPeer,
     0,
     kPage,
     kUnpin,
     {{-EINVAL, -EINVAL, 0}},
     {{0, 0, 1}},
     kNothing},
    {"MADV_WILLNEED", Node::kDevice, Where::kPeer, 0, kPage, kWillneed,
     kInvalid, always(0), kNothing},
};

// With all four pages on the device before.
constexpr MadviseRow kDiscardRows[] = {
    {"the whole mapping", Node::kDevice, Where::kPeer, 0, 4 * kPage, kDontneed,
     always(0), always(0), kNothing},
    {"without a node", Node::kNone, Where::kPeer, 0, 4 * kPage, kDontneed,
     always(0), always(0), kNothing},
    {"whole pages inside alone", Node::kNone, Where::kPeer, 1, 3 * kPage,
     kDontneed, always(0), always(2), kNothing},
    {"no whole page inside", Node::kNone, Where::kPeer, 1, kPage, kDontneed,
     always(0), always(4), kNothing},
    {"size 0", Node::kNone, Where::kPeer, 0, 0, kDontneed, always(0), always(4),
     kNothing},
    {"wraps", Node::kNone, Where::kAbsolute, kTop, kTop, kDontneed, kInvalid,
     always(4), kOnlyOn6_4},
    {"start rounds up to 0", Node::kNone, Where::kAbsolute, kTop - 1, 1,
     kDontneed, kInvalid, always(4), kOnlyOn6_4},
    {"a hole behind it", Node::kNone, Where::kPeer, 2 * kPage, 9 * kPage,
     kDontneed, always(0), always(2), kNothing},
    {"nothing mapped", Node::kNone, Where::kNowhere, 0, kPage, kDontneed,
     always(0), always(4), kNothing},
    {"plain memory", Node::kNone, Where::kPlain, 0, kPage, kDontneed, always(0),
     always(4), kNothing},
    {"node of the host", Node::kHost, Where::kPeer, 0, kPage, kDontneed,
     kInvalid, always(4), kNothing},
    {"hnid beyond all", Node::kBeyond, Where::kPeer, 0, kPage, kDontneed,
     kInvalid, always(4), kUpTo6_6},
    {"a prefetch of what is there", Node::kDevice, Where::kPeer, 0, kPage,
     kPrefetch, always(0), always(4), kNothing},
};

template <typename Row, std::size_t count>
constexpr int loops(const Row (&)[count]) {
  return static_cast<int>(count) * kGenerations;
}

START_TEST(prefetch_rows) {
  try_row(kPrefetchRows[_i / kGenerations], _i % kGenerations, false);
}
END_TEST

START_TEST(discard_rows) {
  try_row(kDiscardRows[_i / kGenerations], _i % kGenerations, true);
}
END_TEST

constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS;

struct MapRow {
  const char* name;
  bool on;
  bool attached;
  int flags;
  std::size_t size;
  Expected error;  // of mmap
};

constexpr MapRow kMapRows[] = {
    {"a page", true, true, kPrivate, kPage, always(0)},
    {"a byte", true, true, kPrivate, 1, always(0)},
    {"without room kept", true, true, kPrivate | MAP_NORESERVE, kPage,
     always(0)},
    {"in memory at once", true, true, kPrivate | MAP_POPULATE, kPage,
     always(0)},
    {"nothing", true, true, kPrivate, 0, always(EINVAL)},
    {"shared", true, true, MAP_SHARED | MAP_ANONYMOUS, kPage, always(EINVAL)},
    {"huge", true, true, kPrivate | MAP_HUGETLB, kPage, always(EINVAL)},
    {"a file", true, true, MAP_PRIVATE, kPage, always(EINVAL)},
    {"gmem=off", false, true, kPrivate, kPage, always(EINVAL)},
    {"gmem=off, shared", false, true, MAP_SHARED | MAP_ANONYMOUS, kPage,
     always(EINVAL)},
    {"no device", true, false, kPrivate, kPage, {{0, 0, ENOMEM}}},
};

bool is_mapped(const char* data) {
  return msync(const_cast<char*>(data), 4096, MS_ASYNC) == 0;
}

START_TEST(map_rows) {
  const MapRow& row = kMapRows[_i / kGenerations];
  const Generation generation = kAll[_i % kGenerations];
  Options options = kernel(generation);
  options.on = row.on;
  options.attached = row.attached;
  gmem_kernel::install(options);
  const int flags = row.flags | gmem_kernel::peer_shared_flag(generation);
  auto* const data = static_cast<char*>(
      mmap(nullptr, row.size, PROT_READ | PROT_WRITE, flags, -1, 0));
  const int error = data == MAP_FAILED ? errno : 0;
  ck_assert_msg(error == row.error.of[_i % kGenerations], "%s: %d", row.name,
                error);
  if (error != 0) return;
  ck_assert_uint_eq(reinterpret_cast<std::uintptr_t>(data) % kPage, 0);
  ck_assert(is_mapped(data) && is_mapped(data + kPage - 4096));
  ck_assert(!is_mapped(data + kPage));
  data[0] = 1;
  ck_assert_int_eq(munmap(data, kPage), 0);
  ck_assert(!is_mapped(data));
}
END_TEST

// The other generation's number is nothing to this kernel.
START_TEST(flag_of_another_generation) {
  const Generation generation = kAll[_i];
  gmem_kernel::install(kernel(generation));
  const int other = generation == Generation::k6_4 ? 0x1000000 : 0x8000000;
  ck_assert_ptr_ne(mmap(nullptr, kPage, PROT_READ,
                        MAP_SHARED | MAP_ANONYMOUS | other, -1, 0),
                   MAP_FAILED);
}
END_TEST

struct HnidRow {
  const char* name;
  bool on;
  bool attached;
  int attach_also;  // 0: nothing
  int result;
  Expected answer;  // 0: the device's
};

constexpr HnidRow kHnidRows[] = {
    {"attached", true, true, 0, 0, always(0)},
    {"no device", true, false, 0, -ENODEV, always(0)},
    {"gmem=off", false, true, 0, -ENODEV, always(0)},
    {"two devices", true, true, 9, 0, {{0, 0, 9}}},
    {"no node of its own", true, false, 1024, 0, always(1024)},
};

START_TEST(hnid_rows) {
  const HnidRow& row = kHnidRows[_i / kGenerations];
  Options options = kernel(kAll[_i % kGenerations]);
  options.on = row.on;
  options.attached = row.attached;
  options.hnid = 4;
  gmem_kernel::install(options);
  if (row.attach_also != 0) gmem_kernel::attach_hnid(row.attach_also);
  const Device device;
  int answer = -1;
  ck_assert_msg(device.get_hnid(&answer) == row.result, "%s", row.name);
  if (row.result != 0) return;
  const int expected = row.answer.of[_i % kGenerations];
  ck_assert_int_eq(answer, expected == 0 ? 4 : expected);
}
END_TEST

START_TEST(bad_arguments_of_ioctl) {
  gmem_kernel::install(kernel(kAll[_i]));
  const Device device;
  const auto bad = reinterpret_cast<void*>(std::uintptr_t{16});
  ck_assert_int_eq(device.request(gmem_kernel::kGetHnidRequest, bad), -EFAULT);
  ck_assert_int_eq(device.request(gmem_kernel::kMadviseRequest, bad), -EFAULT);
  ck_assert_int_eq(device.get_hnid(static_cast<int*>(bad)), -EFAULT);
  // A 32-bit program's numbers.
  ck_assert_int_eq(device.request(0x40045501, bad), -EINVAL);
  ck_assert_int_eq(device.request(0x5503, bad), -EINVAL);
  // Without a device there is no looking at the pointer within.
  gmem_kernel::detach();
  ck_assert_int_eq(device.get_hnid(static_cast<int*>(bad)), -ENODEV);
}
END_TEST

START_TEST(open_fails_as_told) {
  gmem_kernel::install(kernel(kAll[_i]));
  gmem_kernel::set_open_error(EACCES);
  ck_assert_int_eq(open("/dev/gmem", O_RDWR | O_CLOEXEC), -1);
  ck_assert_int_eq(errno, EACCES);
  gmem_kernel::set_open_error(0);
  const int fd = open("/dev/gmem", O_RDWR);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(fcntl(fd, F_GETFD), 0);
  ck_assert_int_ge(open("/dev/null", O_RDWR | O_CLOEXEC), 0);
  ck_assert_int_eq(open("/dev/gmem-not", O_RDWR | O_CLOEXEC), -1);
  ck_assert_int_eq(errno, ENOENT);
}
END_TEST

}  // namespace

Suite* test_suite() {
  skip_all_without_gmem_kernel();
  Suite* suite = suite_create("double of the GMEM kernel");
  TCase* group = tcase_create("double of the GMEM kernel");
  tcase_add_loop_test(group, prefetch_rows, 0, loops(kPrefetchRows));
  tcase_add_loop_test(group, discard_rows, 0, loops(kDiscardRows));
  tcase_add_loop_test(group, map_rows, 0, loops(kMapRows));
  tcase_add_loop_test(group, flag_of_another_generation, 0, kGenerations);
  tcase_add_loop_test(group, hnid_rows, 0, loops(kHnidRows));
  tcase_add_loop_test(group, bad_arguments_of_ioctl, 0, kGenerations);
  tcase_add_loop_test(group, open_fails_as_told, 0, kGenerations);
  suite_add_tcase(suite, group);
  return suite;
}
