// SPDX-License-Identifier: MulanPSL-2.0
// fork while heap memory lies on a device, whose memory the kernel does not
// copy.  test_fork.sh runs each group on the kernels that it is for.
#include <errno.h>
#include <libgmem.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "ascend/gmem_descriptors.h"
#include "ascend/heap_program.h"
#include "doubles/peer_memory.h"
#include "support/check_main.h"
#include "support/child_process.h"
#include "support/resident_memory.h"

extern char** environ;

namespace {

using namespace heap_program;
using gmem_kernel::Generation;
using gmem_kernel::Request;

constexpr unsigned kSecondsUntilHung = 60;

std::size_t requests(Request request) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < gmem_kernel::call_count(); ++i)
    count += gmem_kernel::call(i).request == request;
  return count;
}

// A child that hangs ends by the alarm, which is no exit status.
template <typename Body>
int run_in_hasty_child(const Body& body) {
  return run_in_child([&] {
    alarm(kSecondsUntilHung);
    return body();
  });
}

START_TEST(the_child_has_what_lay_on_the_device) {
  const Npu npu;
  const Block first(kBig);
  const Block second(3 * kMiB);
  const Block third(10);
  for (const Block* block : {&first, &second, &third}) block->fill();
  ck_assert_int_eq(first.prefetch(npu.node()), 0);
  ck_assert_int_eq(second.prefetch(0, kPage, npu.node()), 0);
  ck_assert_int_eq(third.prefetch(npu.node()), 0);
  ck_assert_uint_ge(first.on_device(), kBig - kPage);
  const auto all_is_well = [&] {
    return first.is_filled() && second.is_filled() && third.is_filled();
  };
  ck_assert_int_eq(run_in_hasty_child([&] { return all_is_well() ? 0 : 1; }),
                   0);
  ck_assert(all_is_well());
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(blocks_of_the_devices_own_arena_are_there_too) {
  const Npu npu;
  char* const block = static_cast<char*>(gmemAlloc(kBig, npu.node()));
  memset(block, 7, kBig);
  ck_assert_int_eq(gmemPrefetch(address_of(block), kBig, npu.node(), nullptr),
                   0);
  ck_assert_int_eq(run_in_hasty_child([&] {
                     return block[0] == 7 && block[kBig / 2] == 7 &&
                                    block[kBig - 1] == 7
                                ? 0
                                : 1;
                   }),
                   0);
  gmemFree(block);
}
END_TEST

// Prefetches its blocks to the device all the time.
class Prefetchers {
 public:
  explicit Prefetchers(int node) {
    for (int i = 0; i < 2; ++i) {
      blocks_.push_back(std::make_unique<Block>(3 * kPage));
      blocks_.back()->fill();
      threads_.emplace_back([this, node, &block = *blocks_.back()] {
        while (!stop_)
          if (block.prefetch(node) != 0) failed_ = true;
      });
    }
  }
  ~Prefetchers() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  bool is_filled() const {
    for (const auto& block : blocks_)
      if (!block->is_filled()) return false;
    return true;
  }
  bool any_failed() const { return failed_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<bool> failed_{false};
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::thread> threads_;
};

START_TEST(no_prefetch_happens_within_a_fork) {
  const Npu npu;
  const Block block(kBig);
  block.fill();
  const Prefetchers busy(npu.node());
  for (int i = 0; i < 40; ++i) {
    ck_assert_int_eq(block.prefetch(npu.node()), 0);
    const int status = run_in_hasty_child(
        [&] { return block.is_filled() && busy.is_filled() ? 0 : 1; });
    ck_assert_int_eq(status, 0);
  }
  ck_assert(!busy.any_failed());
  ck_assert(busy.is_filled());
}
END_TEST

START_TEST(several_threads_fork_at_once) {
  const Npu npu;
  const Prefetchers busy(npu.node());
  std::atomic<int> bad{0};
  std::vector<std::thread> forkers;
  for (int i = 0; i < 3; ++i)
    forkers.emplace_back([&] {
      for (int round = 0; round < 10; ++round)
        if (run_in_hasty_child([&] { return busy.is_filled() ? 0 : 1; }) != 0)
          ++bad;
    });
  for (std::thread& forker : forkers) forker.join();
  ck_assert_int_eq(bad, 0);
}
END_TEST

// As a parent would.
int live_on(int node, int generations) {
  for (int round = 0; round < 3; ++round) {
    Block block(kBig + static_cast<std::size_t>(round) * kMiB);
    block.fill();
    if (block.prefetch(node) != 0) return 1;
    if (block.on_device() < kBig - kPage) return 2;
    if (generations > 0) {
      const int status = run_in_hasty_child([&] {
        return block.is_filled() ? live_on(node, generations - 1) : 3;
      });
      if (status != 0) return status + 10;
    }
    block.resize(2 * kBig);
    if (!block.is_filled(0, kBig)) return 4;
    std::thread thread([node] { Block(kPage).prefetch(node); });
    thread.join();
  }
  return gmem_descriptors() == 1 && gmemGetNumaId() == node ? 0 : 5;
}

START_TEST(children_go_on_with_the_device) {
  const Npu npu;
  const Block block(kBig);
  block.fill();
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  const int status = run_in_hasty_child(
      [&] { return live_on(npu.node(), 2) + !block.is_filled(); });
  ck_assert_int_eq(status, 0);
  ck_assert(block.is_filled());
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

// What handlers of the program's do, registered before the library's.
const Block* handled_block;
int handled_errors;
void prefetch_in_handler() {
  if (handled_block->prefetch(gmem_kernel::hnid()) != 0) ++handled_errors;
}

START_TEST(handlers_of_fork_may_prefetch) {
  pthread_atfork(prefetch_in_handler, prefetch_in_handler, prefetch_in_handler);
  const Npu npu;
  const Block block(kBig);
  block.fill();
  handled_block = &block;
  for (int i = 0; i < 3; ++i) {
    alarm(kSecondsUntilHung);
    const int status = run_in_hasty_child([&] {
      return handled_errors != 0 || !block.is_filled() ||
             block.prefetch(npu.node()) != 0;
    });
    alarm(0);
    ck_assert_int_eq(status, 0);
  }
  ck_assert_int_eq(handled_errors, 0);
}
END_TEST

// As a signal handler that forks where it has interrupted a fork, after the
// library has prepared for that: parent, inner and outer child go on.
bool forks_within = false;
int inner_errors;
bool works_on(const Block& block) {
  return block.is_filled() && block.prefetch(gmem_kernel::hnid()) == 0 &&
         block.is_filled();
}
void fork_in_handler() {
  if (forks_within) return;
  forks_within = true;
  const pid_t child = fork();
  if (child == 0) {
    alarm(kSecondsUntilHung);
    return;  // the interrupted fork goes on here, too
  }
  int status = -1;
  if (waitpid(child, &status, 0) != child || status != 0) ++inner_errors;
  forks_within = false;
}

START_TEST(a_fork_within_a_fork_leaves_the_device_usable) {
  pthread_atfork(fork_in_handler, nullptr, nullptr);
  const pid_t first = getpid();
  const Npu npu;
  const Block block(kBig);
  block.fill();
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  alarm(kSecondsUntilHung);
  const int status = run_in_hasty_child([&] { return !works_on(block); });
  if (getpid() != first) _exit(status != 0 || !works_on(block));
  ck_assert_int_eq(status, 0);
  ck_assert_int_eq(inner_errors, 0);
  ck_assert(works_on(block));
  // A lock that was given back once too often, or once too rarely, shows here.
  ck_assert_int_eq(run_in_hasty_child([&] { return !works_on(block); }), 0);
  ck_assert(works_on(block));
}
END_TEST

START_TEST(pinned_pages_do_not_hold_a_fork_up) {
  const Npu npu;
  const Block block(kBig);
  block.fill();
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  const std::uintptr_t pinned =
      gmem_kernel::page_up(address_of(block.data())) + kPage;
  gmem_kernel::pin(pinned, 2 * kPage);
  const std::size_t offset = pinned - address_of(block.data());
  alarm(kSecondsUntilHung);
  const int status = run_in_hasty_child([&] {
    return block.is_filled(0, offset / kPage * kPage) &&
                   block.is_filled((offset / kPage + 4) * kPage, kBig)
               ? 0
               : 1;
  });
  alarm(0);
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(gmem_kernel::bytes_on_device(pinned, 2 * kPage), 2 * kPage);
}
END_TEST

START_TEST(a_file_that_is_closed_to_us_by_now_loses_nothing) {
  const gmem_kernel::Device device;
  const Block block(kBig);
  block.fill();
  // The device itself may have taken the pages, too.
  const std::uintptr_t begin = gmem_kernel::page_up(address_of(block.data()));
  ck_assert_int_eq(device.advise(gmem_kernel::hnid(), begin, kBig - 2 * kPage,
                                 gmem_kernel::kMadvPrefetch),
                   0);
  ck_assert_uint_ge(block.on_device(), kBig - 2 * kPage);
  gmem_kernel::set_open_error(EACCES);
  ck_assert_int_eq(
      run_in_hasty_child([&] { return block.is_filled() ? 0 : 1; }), 0);
}
END_TEST

START_TEST(a_fork_makes_no_freed_memory_resident) {
  const Npu npu;
  {
    const Block passing(16 * kBig);
    passing.fill();
    ck_assert_int_eq(passing.prefetch(0, kBig, npu.node()), 0);
  }
  const Block kept(kBig);
  kept.fill();
  const std::size_t resident = resident_kib();
  for (int i = 0; i < 3; ++i)
    ck_assert_int_eq(run_in_hasty_child([&] { return !kept.is_filled(); }), 0);
  ck_assert_uint_le(resident_kib(), resident + 2 * kBig / 1024);
}
END_TEST

// What the heap has in stock, and has never handed out.
START_TEST(a_fork_makes_no_unused_memory_resident) {
  const Npu npu;
  std::vector<std::unique_ptr<Block>> blocks;
  const std::size_t mapped = peer_shared_bytes();
  // Until the heap has grown by more than was asked for.
  std::size_t used = 0;
  while (peer_shared_bytes() - mapped < used + 4 * kBig) {
    ck_assert_uint_lt(used, 100 * kBig);
    blocks.push_back(std::make_unique<Block>(kMiB));
    blocks.back()->fill();
    used += kMiB;
  }
  const std::size_t resident = resident_kib();
  ck_assert_int_eq(run_in_hasty_child([] { return 0; }), 0);
  ck_assert_uint_le(resident_kib(), resident + 2 * kBig / 1024);
}
END_TEST

START_TEST(programs_that_are_started_leave_memory_where_it_is) {
  const Npu npu;
  const Block block(kBig);
  block.fill();
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  const std::size_t on_device = block.on_device();
  char name[] = "/bin/true";
  char* const arguments[] = {name, nullptr};
  pid_t child = 0;
  ck_assert_int_eq(
      posix_spawn(&child, name, nullptr, nullptr, arguments, environ), 0);
  int status = -1;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
  child = vfork();
  if (child == 0) {
    execv(name, arguments);
    _exit(1);
  }
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(block.on_device(), on_device);
  ck_assert_int_eq(system("exit 3"), 3 << 8);
  ck_assert_uint_eq(block.on_device(), on_device);
  ck_assert(block.is_filled());
}
END_TEST

Generation generation() {
  const char* const kernel = getenv("GMEM_KERNEL_DOUBLE");
  if (strstr(kernel, "6.4") != nullptr) return Generation::k6_4;
  if (strstr(kernel, "6.6") != nullptr) return Generation::k6_6;
  return Generation::kNewest;
}

// The limit that libgmem-ascend(7) tells of: memory that is not the heap's.
START_TEST(mappings_of_the_programs_own_are_lost_to_the_child) {
  const Npu npu;
  const gmem_kernel::PeerMemory memory(2, generation());
  memset(memory.data(), 5, memory.size());
  ck_assert_int_eq(gmemPrefetch(memory.begin(), kPage, npu.node(), nullptr), 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  const int status = run_in_hasty_child([&] {
    return memory.data()[0] == 0 && memory.data()[kPage] == 5 ? 0 : 1;
  });
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert_int_eq(memory.data()[0], 5);
}
END_TEST

// Group "no device": peer-shared memory, and nobody to share it.
START_TEST(without_a_device_a_fork_touches_nothing) {
  const Block block(8 * kBig);
  const std::size_t resident = resident_kib();
  gmem_kernel::forget_calls();
  for (int i = 0; i < 5; ++i)
    ck_assert_int_eq(run_in_hasty_child([] { return 0; }), 0);
  ck_assert_uint_le(resident_kib(), resident + kBig / 1024);
  // It is asked whether there is one, where there is something to lose.
  const bool can_lose = peer_shared_bytes() != 0;
  ck_assert_uint_eq(requests(Request::kGetHnid), can_lose ? 5 : 0);
  ck_assert_uint_eq(gmem_kernel::call_count(), can_lose ? 5 : 0);
  ck_assert_int_eq(gmem_descriptors(), 0);
}
END_TEST

// Group "excluded", not forked for each test: nothing of the heap is left to
// a child, which may end or start a program.
START_TEST(excluded_memory_stays_on_the_device) {
  static const Npu npu;
  static const Block block(kBig);
  block.fill();
  ck_assert_int_eq(block.prefetch(npu.node()), 0);
  const std::size_t on_device = block.on_device();
  ck_assert_uint_ge(on_device, kBig - kPage);
  gmem_kernel::forget_calls();
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      if (i == 0) _exit(0);
      // The environment may be the heap's, too.
      char name[] = "/bin/true";
      char* const arguments[] = {name, nullptr};
      char* const no_environment[] = {nullptr};
      execve(name, arguments, no_environment);
      _exit(1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(block.on_device(), on_device);
  }
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  ck_assert(block.is_filled());
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("ascend fork");
  TCase* home = tcase_create("home");
  TCase* no_device = tcase_create("no device");
  TCase* excluded = tcase_create("excluded");
  for (TCase* group : {home, no_device, excluded}) {
    tcase_set_timeout(group, 240);
    suite_add_tcase(suite, group);
  }
  for (const TTest* test :
       {the_child_has_what_lay_on_the_device,
        blocks_of_the_devices_own_arena_are_there_too,
        no_prefetch_happens_within_a_fork, several_threads_fork_at_once,
        children_go_on_with_the_device, handlers_of_fork_may_prefetch,
        a_fork_within_a_fork_leaves_the_device_usable,
        pinned_pages_do_not_hold_a_fork_up,
        a_file_that_is_closed_to_us_by_now_loses_nothing,
        a_fork_makes_no_freed_memory_resident,
        a_fork_makes_no_unused_memory_resident,
        programs_that_are_started_leave_memory_where_it_is,
        mappings_of_the_programs_own_are_lost_to_the_child})
    tcase_add_test(home, test);
  tcase_add_test(no_device, without_a_device_a_fork_touches_nothing);
  tcase_add_test(excluded, excluded_memory_stays_on_the_device);
  return suite;
}
