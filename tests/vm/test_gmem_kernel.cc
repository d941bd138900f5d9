// SPDX-License-Identifier: MulanPSL-2.0
// The double for GMEM kernels (tests/vm/gmem_module) keeps to what those
// kernels do: results of each call, where pages lie, what becomes of the data.
#include <setjmp.h>
#include <signal.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

// First: Check's macros do not get on with streams.
#include "support/check_main.h"
#include "support/child_process.h"
#include "vm/gmem_kernel.h"

namespace {

using namespace gmem_kernel;

using contract::fill;
using contract::holds_only;
using contract::is_filled;
using contract::present_bytes;
using contract::small_page;
using placement::kHome;
using placement::text_of;

// On the node that stands for the device.
constexpr int kDeviceNode = 2;

void start_afresh() {
  set_generation(kV2);
  set_parameter("on", "Y");
  set_parameter("any_thread", "N");
  placement::write_to(node_file("max_memsize"), "0");
}

// Of a process that the device's runtime has attached.
struct Attached : Device {
  Attached() { tell_double("attach"); }
};

void expect_at_home(const PeerArea& area, std::size_t page) {
  ck_assert_uint_eq(present_bytes(area.page(page)), kPage);
  ck_assert(placement::lies_on(area.page(page), kHome));
}

void expect_away(const PeerArea& area, std::size_t page) {
  ck_assert_uint_eq(present_bytes(area.page(page)), 0);
  for (const int node : placement::nodes_of(area.page(page)))
    ck_assert_int_lt(node, 0);
}

// Its value in a line "NAME : VALUE".
long in_gmemstat(const std::string& name) {
  const std::string text = text_of("/proc/gmemstat");
  const std::size_t at = text.find(name);
  ck_assert(at != std::string::npos);
  return std::stol(text.substr(text.find(':', at) + 1));
}
long moved_there() { return in_gmemstat("migrating H2D     :"); }
long moved_home() { return in_gmemstat("migrating D2H     :"); }

START_TEST(the_hnid_is_told_to_processes_that_are_attached) {
  const Device device;
  int hnid = -7;
  ck_assert_int_eq(device.get_hnid(&hnid), -ENODEV);
  ck_assert_int_eq(hnid, -7);
  tell_double("attach");
  ck_assert_int_eq(device.get_hnid(&hnid), 0);
  ck_assert_int_eq(hnid, expected_hnid());
  ck_assert_int_eq(device.get_hnid(nullptr), -EFAULT);
  ck_assert_int_eq(run_in_child([&] { return -device.get_hnid(&hnid); }),
                   ENODEV);
  tell_double("detach");
  ck_assert_int_eq(device.get_hnid(&hnid), -ENODEV);
}
END_TEST

START_TEST(a_kernel_that_was_booted_without_gmem_refuses) {
  const Attached device;
  int hnid = 0;
  set_parameter("on", "N");
  ck_assert_int_eq(device.get_hnid(&hnid), -ENODEV);
  ck_assert_ptr_eq(map_peer(kPage), MAP_FAILED);
  ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(calls_that_the_driver_does_not_know_are_invalid) {
  const Attached device;
  char argument[64] = {};
  ck_assert_int_eq(device.call(0x40085503, argument), -EINVAL);
  ck_assert_int_eq(device.call(0x40085601, argument), -EINVAL);
  ck_assert_int_eq(device.call(0x40045501, argument), -EINVAL);
  ck_assert_int_eq(device.call(kGetHnid, nullptr), -EFAULT);
  ck_assert_int_eq(device.call(kMadvise, nullptr), -EFAULT);
}
END_TEST

START_TEST(hnid_and_behaviour_are_checked_before_the_range) {
  const Attached device;
  const int hnid = expected_hnid();
  const PeerArea area(1);
  const struct {
    int hnid;
    int behavior;
    int result;
  } rows[] = {
      {-1, kPrefetch, -EINVAL},  {-1, kDiscard, 0},
      {-2, kDiscard, -EINVAL},   {0, kPrefetch, -EINVAL},
      {0, kDiscard, -EINVAL},    {kDeviceNode, kPrefetch, -EINVAL},
      {hnid, kDiscard, 0},       {hnid + 1, kPrefetch, -EINVAL},
      {1023, kDiscard, -EINVAL}, {hnid, 3, -EINVAL},
      {hnid, kPin, -EINVAL},     {hnid, kUnpin, -EINVAL},
      {hnid, kPrefetch, 0},
  };
  for (const auto& row : rows)
    ck_assert_int_eq(
        device.madvise(row.hnid, area.at(), area.size(), row.behavior),
        row.result);
}
END_TEST

START_TEST(what_a_kernel_would_not_survive_is_counted) {
  const Attached device;
  const PeerArea area(1);
  const int before = violations();
  ck_assert_int_eq(device.madvise(1024, area.at(), kPage, kDiscard), -EINVAL);
  ck_assert_int_eq(violations(), before + 1);
  ck_assert_int_eq(device.discard(UINTPTR_MAX, SIZE_MAX), -EINVAL);
  ck_assert_int_eq(violations(), before + 1);
  set_generation(kV1);
  ck_assert_int_eq(device.discard(UINTPTR_MAX, SIZE_MAX), -EINVAL);
  ck_assert_int_eq(violations(), before + 2);
  set_generation(kV3);
  ck_assert_int_eq(device.madvise(1024, area.at(), kPage, kDiscard), -EINVAL);
  ck_assert_int_eq(violations(), before + 2);
}
END_TEST

START_TEST(older_kernels_serve_threads_that_descend_from_the_attaching_one) {
  std::atomic<bool> attached{false};
  int early = 0;
  int late = 0;
  std::thread thread([&] {
    while (!attached) std::this_thread::yield();
    const PeerArea area(1);
    early = Device().prefetch(area.at(), kPage);
    set_generation(kV3);
    late = Device().prefetch(area.at(), kPage);
  });
  const Attached device;
  attached = true;
  thread.join();
  ck_assert_int_eq(early, -EINVAL);
  ck_assert_int_eq(late, 0);
  set_generation(kV2);
  std::thread([&] {
    const PeerArea area(1);
    early = Device().prefetch(area.at(), kPage);
  }).join();
  ck_assert_int_eq(early, 0);
}
END_TEST

START_TEST(peer_mappings_are_whole_private_anonymous_pages) {
  for (const Generation generation : {kV1, kV2, kV3}) {
    const Attached device;
    set_generation(generation);
    const int peer = peer_flag(generation);
    const int valid = MAP_PRIVATE | MAP_ANONYMOUS | peer;
    const int file = open("/dev/zero", O_RDWR | O_CLOEXEC);
    const struct {
      std::size_t size;
      int flags;
      int fd;
    } refused[] = {
        {kPage, MAP_SHARED | MAP_ANONYMOUS | peer, -1},
        {kPage, valid | MAP_HUGETLB, -1},
        {kPage, MAP_PRIVATE | peer, file},
        {0, valid, -1},
    };
    for (const auto& row : refused) {
      ck_assert_ptr_eq(mmap(nullptr, row.size, PROT_READ, row.flags, row.fd, 0),
                       MAP_FAILED);
      ck_assert_int_eq(errno, EINVAL);
    }
    close(file);
    // One byte is one page, in a mapping of its own.
    for (int i = 0; i < 3; ++i) {
      void* const small = map_peer(1, generation);
      ck_assert_ptr_ne(small, MAP_FAILED);
      const auto at = reinterpret_cast<std::uintptr_t>(small);
      ck_assert_uint_eq(at % kPage, 0);
      const auto info =
          contract::mapping_info(*gmem::ByteRange::from(at, kPage), "Size:");
      ck_assert_uint_eq(info.bytes, kPage);
      ck_assert_int_eq(info.mappings, 1);
    }
  }
}
END_TEST

START_TEST(kernels_that_lack_a_device_refuse_mappings) {
  set_generation(kV3);
  ck_assert_ptr_eq(map_peer(kPage, kV3), MAP_FAILED);
  ck_assert_int_eq(errno, ENOMEM);
  set_generation(kV2);
  ck_assert_ptr_ne(map_peer(kPage), MAP_FAILED);
}
END_TEST

START_TEST(a_flag_of_another_generation_is_ignored) {
  void* const shared = mmap(nullptr, kPage, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | peer_flag(kV1), -1, 0);
  ck_assert_ptr_ne(shared, MAP_FAILED);
}
END_TEST

START_TEST(addresses_are_rounded_up_and_nothing_is_overwritten) {
  const std::uintptr_t free = PeerArea(8).at();  // and gone again
  const auto address = [&](std::size_t offset) {
    return reinterpret_cast<void*>(free + offset);
  };
  ck_assert_ptr_eq(map_peer(kPage, kV2, address(small_page())), address(kPage));
  ck_assert_ptr_eq(map_peer(kPage, kV2, address(2 * kPage)),
                   address(2 * kPage));
  ck_assert_ptr_eq(map_peer(kPage, kV2, address(4 * kPage - 4096), MAP_FIXED),
                   address(4 * kPage));
  for (const int flags : {MAP_FIXED, MAP_FIXED_NOREPLACE}) {
    ck_assert_ptr_eq(map_peer(2 * kPage, kV2, address(3 * kPage), flags),
                     MAP_FAILED);
    ck_assert_int_eq(errno, EEXIST);
  }
  ck_assert_ptr_eq(map_peer(kPage, kV2, address(3 * kPage), MAP_FIXED),
                   address(3 * kPage));
  munmap(address(0), 8 * kPage);
}
END_TEST

START_TEST(unmapping_begins_at_a_page_and_takes_whole_ones) {
  const PeerArea area(4);
  ck_assert_int_eq(munmap(area.data(small_page()), kPage), -1);
  ck_assert_int_eq(errno, EINVAL);
  ck_assert_int_eq(munmap(area.data(kPage), small_page()), 0);
  ck_assert_uint_eq(contract::mapping_info(area.all(), "Size:").bytes,
                    3 * kPage);
  ck_assert_int_eq(contract::mapping_count(area.page(1)), 0);
  ck_assert_int_eq(contract::mapping_count(area.page(2)), 1);
}
END_TEST

struct RangeRow {
  const char* name;
  std::uintptr_t start;
  std::size_t size;
  int results[3];  // of each generation
};

START_TEST(prefetch_answers_as_the_table_says) {
  const Attached device;
  const PeerArea area(4);
  const PeerArea neighbour(1);
  const contract::Area plain(4);
  fill(plain.all());
  const std::uintptr_t hole = PeerArea(8).at();
  const RangeRow rows[] = {
      {"whole", area.at(), 4 * kPage, {0, 0, 0}},
      {"inside", area.at(5), 10, {0, 0, 0}},
      {"nothing", area.at(), 0, {0, 0, 0}},
      {"nothing, nowhere", hole, 0, {5, 0, 0}},
      {"nothing, unaligned", area.at(5), 0, {0, 0, 0}},
      {"hole", hole, kPage, {5, 5, 5}},
      {"beyond the end", area.at(), 4 * kPage + 1, {5, 5, 5}},
      {"plain memory", plain.begin(), kPage, {-EFAULT, 5, 5}},
      {"top", UINTPTR_MAX - 10, 5, {-EINVAL, -EINVAL, -EINVAL}},
      {"wrap", area.at(), SIZE_MAX, {-EINVAL, -EINVAL, -EINVAL}},
  };
  for (const Generation generation : {kV1, kV2, kV3}) {
    set_generation(generation);
    for (const RangeRow& row : rows) {
      const int result = device.prefetch(row.start, row.size);
      ck_assert_msg(result == row.results[generation - 1],
                    "%s, generation %d: %d", row.name, generation, result);
    }
  }
  ck_assert(is_filled(plain.all()));
}
END_TEST

START_TEST(a_range_in_two_mappings_is_refused) {
  const Attached device;
  const std::uintptr_t free = PeerArea(2).at();
  const auto second = reinterpret_cast<void*>(free + kPage);
  ck_assert_ptr_eq(map_peer(kPage, kV2, second, MAP_FIXED), second);
  ck_assert_ptr_ne(
      map_peer(kPage, kV2, reinterpret_cast<void*>(free), MAP_FIXED),
      MAP_FAILED);
  ck_assert_int_eq(device.prefetch(free, 2 * kPage), kUnknownFailure);
  ck_assert_int_eq(device.prefetch(free + kPage, kPage), 0);
  ck_assert_int_eq(device.discard(free, 2 * kPage), 0);
  ck_assert_int_eq(pages_on_device(), 0);
}
END_TEST

START_TEST(eager_free_answers_as_the_table_says) {
  const Attached device;
  const PeerArea area(4);
  const contract::Area plain(4);
  fill(plain.all());
  const std::uintptr_t hole = PeerArea(8).at();
  const RangeRow rows[] = {
      {"whole", area.at(), 4 * kPage, {0, 0, 0}},
      {"no whole page", area.at(5), kPage, {0, 0, 0}},
      {"nothing", area.at(), 0, {0, 0, 0}},
      {"hole", hole, kPage, {0, 0, 0}},
      {"beyond the end", area.at(), 100 * kPage, {0, 0, 0}},
      {"plain memory", plain.begin(), kPage, {0, 0, 0}},
      {"top", UINTPTR_MAX - 10, 5, {-EINVAL, -EINVAL, -EINVAL}},
      {"wrap", area.at(), SIZE_MAX, {-EINVAL, -EINVAL, -EINVAL}},
  };
  for (const Generation generation : {kV1, kV2, kV3}) {
    set_generation(generation);
    for (const RangeRow& row : rows) {
      const int result = device.discard(row.start, row.size);
      ck_assert_msg(result == row.results[generation - 1],
                    "%s, generation %d: %d", row.name, generation, result);
    }
  }
  ck_assert(is_filled(plain.all()));
}
END_TEST

START_TEST(pages_leave_for_the_device_and_come_home_at_a_touch) {
  const Attached device;
  const PeerArea area(4);
  fill(area.all());
  const long there = moved_there();
  const long home = moved_home();
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
  for (std::size_t page = 0; page < 4; ++page) expect_away(area, page);
  ck_assert_int_eq(pages_on_device(), 4);
  ck_assert_int_eq(moved_there(), there + 4);

  ck_assert_int_ne(*area.data(kPage + 5 * small_page()), 0);
  expect_at_home(area, 1);
  ck_assert_uint_eq(contract::huge_bytes(area.all()), kPage);
  for (const std::size_t page : {0, 2, 3}) expect_away(area, page);
  ck_assert_int_eq(pages_on_device(), 3);
  ck_assert_int_eq(moved_home(), home + 1);

  ck_assert(is_filled(area.all()));
  for (std::size_t page = 0; page < 4; ++page) expect_at_home(area, page);
  ck_assert_int_eq(pages_on_device(), 0);
}
END_TEST

long free_kib_of_device_node() {
  const std::string text = text_of("/sys/devices/system/node/node" +
                                   std::to_string(kDeviceNode) + "/meminfo");
  return std::stol(text.substr(text.find("MemFree:") + 8));
}

START_TEST(the_node_s_memory_is_what_the_device_uses) {
  const Attached device;
  const PeerArea area(24);
  const long before = free_kib_of_device_node() + count("nr_freepages") * 2048;
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
  const long after = free_kib_of_device_node() + count("nr_freepages") * 2048;
  // A CPU may hold back a few pages, which count as free in no file.
  ck_assert_int_ge(before - after, 12 * 2048);
  ck_assert_int_eq(pages_on_device(), 24);
}
END_TEST

START_TEST(a_range_that_begins_inside_a_page_takes_all_of_it) {
  const Attached device;
  const PeerArea area(3);
  fill(area.all());
  ck_assert_int_eq(device.prefetch(area.at(kPage - 1), 2), 0);
  expect_away(area, 0);
  expect_away(area, 1);
  expect_at_home(area, 2);
  ck_assert_int_eq(device.prefetch(area.at(2 * kPage + 7), 0), 0);
  expect_away(area, 2);
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(small_pages_holes_and_pages_of_zeros_come_home_huge) {
  const Attached device;
  const PeerArea area(2);
  madvise(area.data(), area.size(), MADV_NOHUGEPAGE);
  std::size_t kind = 0;
  for (std::size_t at = 0; at < area.size(); at += small_page(), ++kind) {
    if (kind % 3 == 0) fill(area.bytes(at, small_page()));
    if (kind % 3 == 1) ck_assert_int_eq(*area.data(at), 0);
  }
  for (int round = 0; round < 2; ++round) {
    ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
    expect_away(area, 0);
    expect_away(area, 1);
    kind = 0;
    for (std::size_t at = 0; at < area.size(); at += small_page(), ++kind) {
      const gmem::ByteRange page = area.bytes(at, small_page());
      ck_assert(kind % 3 == 0 ? is_filled(page) : holds_only(page, 0));
    }
    ck_assert_uint_eq(contract::huge_bytes(area.all()), area.size());
  }
}
END_TEST

START_TEST(untouched_memory_is_zero_on_the_device) {
  const Attached device;
  const PeerArea area(2);
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
  ck_assert_int_eq(pages_on_device(), 2);
  ck_assert(holds_only(area.all(), 0));
  ck_assert_int_eq(pages_on_device(), 0);
}
END_TEST

START_TEST(eager_free_leaves_zeros_wherever_the_pages_were) {
  const Attached device;
  const PeerArea area(4);
  fill(area.all());
  ck_assert_int_eq(device.prefetch(area.at(), 2 * kPage), 0);
  ck_assert_int_eq(device.discard(area.at(1), area.size() - 1), 0);
  ck_assert_int_eq(pages_on_device(), 1);
  for (std::size_t page = 1; page < 4; ++page) expect_away(area, page);
  ck_assert(is_filled(area.page(0)));
  ck_assert(holds_only(area.bytes(kPage, 3 * kPage), 0));
}
END_TEST

START_TEST(the_kernel_s_own_touch_brings_pages_home) {
  const Attached device;
  const PeerArea area(4);
  std::vector<char> copy(kPage);
  fill(area.all());
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);

  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(write(ends[1], area.data(100), 1000), 1000);
  expect_at_home(area, 0);
  const iovec local = {copy.data(), kPage};
  const iovec remote = {area.data(kPage), kPage};
  ck_assert_int_eq(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), kPage);
  ck_assert_int_eq(memcmp(copy.data(), area.data(kPage), kPage), 0);
  expect_at_home(area, 1);
  ck_assert_int_eq(madvise(area.data(2 * kPage), kPage, 23), 0);  // populate
  expect_at_home(area, 2);
  expect_away(area, 3);
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(what_is_on_the_device_is_not_inherited_by_fork) {
  const Attached device;
  const PeerArea area(2);
  fill(area.all());
  ck_assert_int_eq(device.prefetch(area.at(), kPage), 0);
  ck_assert_int_eq(run_in_child([&] {
                     if (!holds_only(area.page(0), 0)) return 1;
                     if (!is_filled(area.page(1))) return 2;
                     // A device of its own is the child's to attach.
                     if (device.prefetch(area.at(), kPage) != -EFAULT) return 3;
                     const Attached own;
                     fill(area.page(0));
                     if (own.prefetch(area.at(), area.size()) != 0) return 4;
                     if (pages_on_device() != 3) return 5;
                     return is_filled(area.all()) ? 0 : 6;
                   }),
                   0);
  ck_assert_int_eq(pages_on_device(), 1);
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(pages_that_fork_shares_go_to_the_device_too) {
  const Attached device;
  const PeerArea area(2);
  fill(area.all());
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte;
    if (read(ends[0], &byte, 1) != 1) _exit(1);
    _exit(is_filled(area.all()) ? 0 : 2);
  }
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
  expect_away(area, 0);
  memset(area.data(), 1, area.size());
  ck_assert_int_eq(write(ends[1], "", 1), 1);
  int status = 0;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
  ck_assert(holds_only(area.all(), 1));
}
END_TEST

START_TEST(unmapping_moving_and_exiting_free_the_device) {
  const Attached device;
  {
    const PeerArea area(4);
    ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
    ck_assert_int_eq(munmap(area.data(), kPage), 0);
    ck_assert_int_eq(pages_on_device(), 3);
    ck_assert_ptr_ne(mremap(area.data(kPage), kPage, kPage,
                            MREMAP_MAYMOVE | MREMAP_FIXED, area.data()),
                     MAP_FAILED);
    ck_assert_int_eq(pages_on_device(), 2);
  }
  ck_assert_int_eq(pages_on_device(), 0);
  ck_assert_int_eq(run_in_child([] {
                     const Attached own;
                     const PeerArea area(4);
                     if (own.prefetch(area.at(), area.size()) != 0) return 1;
                     _exit(pages_on_device() == 4 ? 0 : 2);
                   }),
                   0);
  ck_assert_int_eq(pages_on_device(), 0);
}
END_TEST

START_TEST(writers_lose_nothing_while_pages_go_to_and_fro) {
  const Attached device;
  const PeerArea area(2);
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> rounds{0};
  std::thread writer([&] {
    for (; !stop; ++rounds)
      for (std::size_t at = 0; at < area.size(); at += small_page())
        ++*reinterpret_cast<volatile std::size_t*>(area.data(at));
  });
  for (int i = 0; i < 40 || rounds < 2; ++i) {
    if (i % 8 == 0) madvise(area.data(), area.size(), i % 16 == 0 ? 15 : 14);
    ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
  }
  stop = true;
  writer.join();
  for (std::size_t at = 0; at < area.size(); at += small_page())
    ck_assert_uint_eq(*reinterpret_cast<std::size_t*>(area.data(at)), rounds);
}
END_TEST

START_TEST(threads_that_touch_at_once_see_the_same) {
  const Attached device;
  const PeerArea area(4);
  fill(area.all());
  for (int round = 0; round < 5; ++round) {
    ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (std::size_t at = 0; at < area.size(); at += small_page())
          if (!is_filled(area.bytes(at, 16))) ++wrong;
      });
    for (std::thread& thread : threads) thread.join();
    ck_assert_int_eq(wrong, 0);
  }
}
END_TEST

// With room for 16 pages.
constexpr char kSmallDevice[] = "32M";

START_TEST(a_full_device_takes_what_it_can) {
  const Attached device;
  const PeerArea area(20);
  fill(area.page(0));
  fill(area.page(19));
  placement::write_to(node_file("max_memsize"), kSmallDevice);
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), -EFAULT);
  ck_assert_int_eq(pages_on_device(), 16);
  expect_away(area, 0);
  expect_at_home(area, 19);
  ck_assert(is_filled(area.page(0)));
  ck_assert(is_filled(area.page(19)));
}
END_TEST

START_TEST(the_newest_kernel_evicts_what_is_cold) {
  set_generation(kV3);
  const Attached device;
  const PeerArea area(20, kV3);
  fill(area.all());
  placement::write_to(node_file("max_memsize"), kSmallDevice);
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
  ck_assert_int_le(pages_on_device(), 16);
  expect_away(area, 0);
  ck_assert_int_eq(device.prefetch(area.at(), kPage), 0);
  ck_assert(is_filled(area.all()));
  ck_assert_int_eq(pages_on_device(), 0);
}
END_TEST

// How a child ends that reads the byte.
int signal_of_touch(const char* byte) {
  const pid_t child = fork();
  if (child == 0) _exit(*byte);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

sigjmp_buf touch_failed;

START_TEST(the_newest_kernel_pins) {
  set_generation(kV3);
  const Attached device;
  const PeerArea area(2, kV3);
  const int hnid = expected_hnid();
  fill(area.all());
  ck_assert_int_eq(device.madvise(hnid, area.at(), kPage, kPin), 0);
  expect_away(area, 0);

  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(write(ends[1], area.data(), 1), -1);
  ck_assert_int_eq(errno, EFAULT);
  signal(SIGBUS, [](int) { siglongjmp(touch_failed, 1); });
  if (sigsetjmp(touch_failed, 1) == 0) {
    const char byte = *static_cast<volatile char*>(area.data());
    ck_abort_msg("read %d", byte);
  }
  // Its child has nothing there.
  ck_assert_int_eq(signal_of_touch(area.data()), 0);

  ck_assert_int_eq(device.madvise(hnid, area.at(), 2 * kPage, kUnpin), 0);
  expect_away(area, 1);
  ck_assert(is_filled(area.all()));
}
END_TEST

START_TEST(statistics_have_the_format_of_each_kernel) {
  unsigned long there = 0;
  unsigned long home = 0;
  char rest = 0;
  ck_assert_int_eq(sscanf(text_of("/proc/gmemstat").c_str(),
                          "migrating H2D : %lu\nmigrating D2H : %lu\n%c",
                          &there, &home, &rest),
                   2);
  set_generation(kV1);
  ck_assert(text_of("/proc/gmemstat") ==
            "migrating     : " + std::to_string(there + home) + "\n");
  ck_assert(text_of(node_file("max_memsize")) == "0\n");
}
END_TEST

bool limit_is_taken(const std::string& text) {
  const int fd = open(node_file("max_memsize").c_str(), O_WRONLY | O_CLOEXEC);
  const bool taken = write(fd, text.data(), text.size()) >= 0;
  const int error = errno;
  close(fd);
  errno = error;
  return taken;
}

START_TEST(the_limit_of_the_device_s_memory_is_checked) {
  const Attached device;
  const PeerArea area(20);
  ck_assert(limit_is_taken("100M\n"));
  ck_assert_int_eq(count("max_memsize"), 96L << 20);
  ck_assert(limit_is_taken("67108864"));
  ck_assert_int_eq(count("max_memsize"), 64L << 20);
  ck_assert(!limit_is_taken("100Q"));
  ck_assert_int_eq(errno, EINVAL);
  ck_assert(!limit_is_taken("99E"));
  ck_assert_int_eq(errno, ERANGE);
  ck_assert_int_eq(device.prefetch(area.at(), area.size()), 0);
  ck_assert(!limit_is_taken(kSmallDevice));
  ck_assert_int_eq(errno, EINVAL);
  ck_assert(limit_is_taken("0"));
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("gmem_kernel");
  TCase* group = tcase_create("gmem_kernel");
  suite_add_tcase(suite, group);
  tcase_add_checked_fixture(group, start_afresh, nullptr);
  for (const TTest* test : std::array{
           the_hnid_is_told_to_processes_that_are_attached,
           a_kernel_that_was_booted_without_gmem_refuses,
           calls_that_the_driver_does_not_know_are_invalid,
           hnid_and_behaviour_are_checked_before_the_range,
           what_a_kernel_would_not_survive_is_counted,
           older_kernels_serve_threads_that_descend_from_the_attaching_one,
           peer_mappings_are_whole_private_anonymous_pages,
           kernels_that_lack_a_device_refuse_mappings,
           a_flag_of_another_generation_is_ignored,
           addresses_are_rounded_up_and_nothing_is_overwritten,
           unmapping_begins_at_a_page_and_takes_whole_ones,
           prefetch_answers_as_the_table_says,
           a_range_in_two_mappings_is_refused,
           eager_free_answers_as_the_table_says,
           pages_leave_for_the_device_and_come_home_at_a_touch,
           the_node_s_memory_is_what_the_device_uses,
           a_range_that_begins_inside_a_page_takes_all_of_it,
           small_pages_holes_and_pages_of_zeros_come_home_huge,
           untouched_memory_is_zero_on_the_device,
           eager_free_leaves_zeros_wherever_the_pages_were,
           the_kernel_s_own_touch_brings_pages_home,
           what_is_on_the_device_is_not_inherited_by_fork,
           pages_that_fork_shares_go_to_the_device_too,
           unmapping_moving_and_exiting_free_the_device,
           writers_lose_nothing_while_pages_go_to_and_fro,
           threads_that_touch_at_once_see_the_same,
           a_full_device_takes_what_it_can,
           the_newest_kernel_evicts_what_is_cold,
           the_newest_kernel_pins,
           statistics_have_the_format_of_each_kernel,
           the_limit_of_the_device_s_memory_is_checked,
       })
    tcase_add_test(group, test);
  return suite;
}
