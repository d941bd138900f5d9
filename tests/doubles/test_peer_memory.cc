// SPDX-License-Identifier: MulanPSL-2.0
// Where memory is under the double of the GMEM kernel, and what touches,
// threads, fork, munmap and pins make of it.  Each test is a process of its
// own.
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/kernel_constants.h"
#include "doubles/peer_memory.h"
#include "doubles/skip_without_kernel.h"
#include "support/check_main.h"
#include "support/child_process.h"

namespace {

using gmem_kernel::Device;
using gmem_kernel::Generation;
using gmem_kernel::Options;
using gmem_kernel::PeerMemory;
using gmem_kernel::Request;

constexpr std::size_t kPage = gmem_kernel::kPageSize;
constexpr Generation kNewest = Generation::kNewest;
constexpr int kPrefetch = gmem_kernel::kMadvPrefetch;
constexpr int kDontneed = gmem_kernel::kMadvDontneed;

Options with_pages(std::size_t pages) {
  Options options;
  options.device_pages = pages;
  return options;
}

int prefetch(const Device& device, std::uintptr_t begin, std::size_t size) {
  return device.advise(gmem_kernel::hnid(), begin, size, kPrefetch);
}
int prefetch(const Device& device, const PeerMemory& memory) {
  return prefetch(device, memory.begin(), memory.size());
}

START_TEST(a_touch_brings_a_page_home) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(4, kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory), 0);
  ck_assert_uint_eq(memory.on_device(), 4 * kPage);
  ck_assert_int_eq(memory[2 * kPage + 12345], 7);
  ck_assert_uint_eq(memory.on_device(), 3 * kPage);
  ck_assert(!gmem_kernel::is_on_device(memory.begin() + 2 * kPage));
  memory[kPage - 1] = 8;
  ck_assert_uint_eq(memory.on_device(), 2 * kPage);
  memory[kPage - 1] = 7;
  ck_assert(memory.holds_only(7));
  ck_assert_uint_eq(memory.on_device(), 0);
}
END_TEST

START_TEST(what_was_never_written_is_zero) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(3, kNewest);
  memory[kPage + 4096] = 1;
  ck_assert_int_eq(prefetch(device, memory), 0);
  ck_assert_int_eq(memory[kPage + 4096], 1);
  memory[kPage + 4096] = 0;
  ck_assert(memory.holds_only(0));
}
END_TEST

START_TEST(discard_leaves_zeros) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(4, kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory.begin(), 2 * kPage), 0);
  ck_assert_int_eq(device.advise(-1, memory.begin(), memory.size(), kDontneed),
                   0);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert(memory.holds_only(0));
}
END_TEST

START_TEST(writers_lose_nothing_while_pages_move) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(2, kNewest);
  constexpr int kWriters = 4;
  std::atomic<bool> done{false};
  std::uint64_t written[kWriters] = {};
  auto* const cells = reinterpret_cast<volatile std::uint64_t*>(memory.data());
  const auto cell = [](int writer) { return writer * kPage / 16 + 8; };
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i)
    writers.emplace_back([&, i] {
      for (; !done; ++written[i]) cells[cell(i)] = cells[cell(i)] + 1;
    });
  for (int i = 0; i < 300; ++i) ck_assert_int_eq(prefetch(device, memory), 0);
  done = true;
  for (std::thread& writer : writers) writer.join();
  for (int i = 0; i < kWriters; ++i)
    ck_assert_uint_eq(cells[cell(i)], written[i]);
}
END_TEST

START_TEST(the_kernel_touches_too) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(4, kNewest);
  memory.fill(7);
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(prefetch(device, memory), 0);
  ck_assert_int_eq(write(ends[1], memory.data(), 10), 10);
  ck_assert_uint_eq(memory.on_device(), 3 * kPage);
  ck_assert_int_eq(read(ends[0], memory.data() + kPage, 10), 10);
  ck_assert_uint_eq(memory.on_device(), 2 * kPage);
  char byte = 0;
  const iovec here = {&byte, 1};
  const iovec there = {memory.data() + 2 * kPage, 1};
  ck_assert_int_eq(process_vm_readv(getpid(), &here, 1, &there, 1, 0), 1);
  ck_assert_int_eq(byte, 7);
  ck_assert_int_eq(
      madvise(memory.data() + 3 * kPage, kPage, MADV_POPULATE_WRITE), 0);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert(memory.holds_only(7));
}
END_TEST

START_TEST(arguments_on_the_device) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(2, kNewest);
  auto* const argument =
      reinterpret_cast<gmem_kernel::MadviseArgument*>(memory.data());
  *argument = {gmem_kernel::hnid(), memory.begin() + kPage, kPage, kPrefetch};
  auto* const path = memory.data() + 4096;
  strcpy(path, "/dev/gmem");
  ck_assert_int_eq(prefetch(device, memory.begin(), kPage), 0);
  ck_assert_int_eq(device.request(gmem_kernel::kMadviseRequest, argument), 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert_int_eq(prefetch(device, memory.begin(), kPage), 0);
  ck_assert_int_ge(open(path, O_RDWR | O_CLOEXEC), 0);
}
END_TEST

START_TEST(a_full_device) {
  gmem_kernel::install(with_pages(3));
  const Device device;
  PeerMemory memory(5, kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory), -EFAULT);
  ck_assert_uint_eq(memory.on_device(), 3 * kPage);
  ck_assert(memory.holds_only(7));
  ck_assert_int_eq(prefetch(device, memory.begin() + 2 * kPage, 3 * kPage), 0);
}
END_TEST

START_TEST(munmap_frees_pages_of_the_device) {
  gmem_kernel::install(with_pages(2));
  const Device device;
  for (int i = 0; i < 5; ++i) {
    PeerMemory memory(2, kNewest);
    memory.fill(7);
    ck_assert_int_eq(prefetch(device, memory), 0);
  }
  PeerMemory memory(2, kNewest);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert(memory.holds_only(0));
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(a_child_finds_zeros_where_the_device_had_pages) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(2, kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory.begin(), kPage), 0);
  const int status = run_in_child([&] {
    if (memory.on_device() != 0) return 1;
    if (memory[0] != 0 || memory[kPage - 1] != 0) return 2;
    if (memory[kPage] != 7) return 3;
    memory[kPage] = 9;
    return 0;
  });
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert(memory.holds_only(7));
}
END_TEST

// Inherited and new memory, and touches of both.
int work_in_a_child(const Device& device, PeerMemory& memory) {
  memory.fill(3);
  if (prefetch(device, memory) != 0) return 1;
  if (memory.on_device() != memory.size()) return 2;
  if (!memory.holds_only(3)) return 3;
  PeerMemory own(2, kNewest);
  own.fill(4);
  if (prefetch(device, own) != 0 || own.on_device() != own.size()) return 4;
  if (!own.holds_only(4) || own.on_device() != 0) return 5;
  return prefetch(device, memory);
}

START_TEST(children_go_on_with_the_device) {
  gmem_kernel::install(with_pages(4));
  const Device device;
  PeerMemory memory(2, kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory), 0);
  const int status = run_in_child([&] {
    if (const int failed = work_in_a_child(device, memory)) return failed;
    return run_in_child([&] { return work_in_a_child(device, memory); });
  });
  ck_assert_int_eq(status, 0);
  ck_assert(memory.holds_only(7));
}
END_TEST

START_TEST(children_of_a_process_with_busy_threads) {
  gmem_kernel::install({});
  const Device device;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      while (!done) {
        PeerMemory own(2, kNewest);
        own[5] = 5;
        prefetch(device, own);
      }
    });
  PeerMemory memory(2, kNewest);
  for (int i = 0; i < 20; ++i)
    ck_assert_int_eq(
        run_in_child([&] { return work_in_a_child(device, memory); }), 0);
  done = true;
  for (std::thread& thread : threads) thread.join();
}
END_TEST

START_TEST(threads_that_block_signals) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(1, kNewest);
  sigset_t all;
  sigset_t found;
  sigfillset(&all);
  ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &all, &found), 0);
  ck_assert_int_eq(prefetch(device, memory), 0);
  ck_assert_int_eq(sigprocmask(SIG_SETMASK, &all, nullptr), 0);
  ck_assert_int_eq(memory[0], 0);
  ck_assert_int_eq(prefetch(device, memory), 0);
  ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &found, &all), 0);
  ck_assert(sigismember(&all, SIGUSR1) && sigismember(&all, SIGTERM));
  ck_assert(!sigismember(&all, SIGSYS) && !sigismember(&found, SIGUSR1));
}
END_TEST

START_TEST(programs_that_handle_all_signals) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(1, kNewest);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  ck_assert_int_eq(sigaction(SIGSYS, &ignore, nullptr), 0);
  ck_assert(signal(SIGSYS, SIG_DFL) != SIG_ERR);
  ck_assert_int_eq(prefetch(device, memory), 0);
  // From within a handler that holds all signals off.
  static const Device* used;
  static PeerMemory* moved;
  static int result = -1;
  used = &device;
  moved = &memory;
  struct sigaction handle = {};
  handle.sa_handler = [](int) { result = prefetch(*used, *moved); };
  sigfillset(&handle.sa_mask);
  ck_assert_int_eq(sigaction(SIGUSR1, &handle, nullptr), 0);
  raise(SIGUSR1);
  ck_assert_int_eq(result, 0);
  ck_assert(signal(SIGUSR1, SIG_IGN) == handle.sa_handler);
}
END_TEST

// Threads that were there before the kernel are under it as well.
START_TEST(threads_from_before) {
  std::atomic<bool> installed{false};
  int result = -1;
  std::thread early([&] {
    while (!installed) usleep(100);
    const Device device;
    PeerMemory memory(1, kNewest);
    result = prefetch(device, memory);
  });
  gmem_kernel::install({});
  installed = true;
  early.join();
  ck_assert_int_eq(result, 0);
}
END_TEST

void die_of_sigbus(int) { _exit(77); }

int status_of_a_touch(PeerMemory& memory, std::size_t offset) {
  signal(SIGBUS, die_of_sigbus);
  const pid_t child = vfork();
  if (child == 0) {
    memory[offset] = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

START_TEST(pinned_pages_stay) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(2, kNewest);
  memory.fill(7);
  gmem_kernel::pin(memory.begin(), kPage);
  ck_assert_uint_eq(memory.on_device(), kPage);
  if (!gmem_kernel::pins_refuse_the_cpu()) {
    ck_assert_int_eq(memory[0], 7);
    ck_assert_uint_eq(gmem_kernel::violations(), 1);
    return;
  }
  ck_assert_int_eq(status_of_a_touch(memory, 5), 77);
  ck_assert_int_eq(status_of_a_touch(memory, kPage - 1), 77);
  ck_assert_int_eq(status_of_a_touch(memory, kPage), 0);
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(write(ends[1], memory.data(), 10), -1);
  ck_assert_int_eq(errno, EFAULT);
  ck_assert_int_eq(madvise(memory.data(), kPage, MADV_POPULATE_WRITE), -1);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert_int_eq(device.advise(gmem_kernel::hnid(), memory.begin(), kPage,
                                 gmem_kernel::kMadvUnpinned),
                   0);
  memory[kPage] = 7;
  ck_assert(memory.holds_only(7));
}
END_TEST

START_TEST(orders_to_fail) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(4, kNewest);
  gmem_kernel::fail(Request::kPrefetch, 1, 2, 1);
  ck_assert_int_eq(prefetch(device, memory.begin(), kPage), 0);
  ck_assert_int_eq(prefetch(device, memory), 1);
  ck_assert_int_eq(prefetch(device, memory), 1);
  ck_assert_uint_eq(memory.on_device(), kPage);
  gmem_kernel::fail(Request::kDiscard, -EIO);
  ck_assert_int_eq(device.advise(-1, memory.begin(), kPage, kDontneed), -EIO);
  gmem_kernel::fail(Request::kGetHnid, -EPERM);
  int answer = 0;
  ck_assert_int_eq(device.get_hnid(&answer), -EPERM);
  gmem_kernel::fail_page(memory.begin() + 2 * kPage + 1, 1);
  ck_assert_int_eq(prefetch(device, memory), -EFAULT);
  ck_assert_uint_eq(memory.on_device(), 3 * kPage);
  ck_assert_int_eq(prefetch(device, memory), 0);
  ck_assert_uint_eq(memory.on_device(), 4 * kPage);
}
END_TEST

START_TEST(calls_are_remembered) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(1, kNewest);
  prefetch(device, memory.begin() + 1, 3);
  device.advise(-1, memory.begin(), kPage, kDontneed);
  device.advise(-1, memory.begin(), kPage, kPrefetch);
  ck_assert_uint_eq(gmem_kernel::call_count(), 3);
  const gmem_kernel::Call call = gmem_kernel::call(0);
  ck_assert(call.request == Request::kPrefetch);
  ck_assert_int_eq(call.hnid, gmem_kernel::hnid());
  ck_assert_uint_eq(call.start, memory.begin() + 1);
  ck_assert_uint_eq(call.size, 3);
  ck_assert_int_eq(call.result, 0);
  ck_assert(gmem_kernel::call(1).request == Request::kDiscard);
  ck_assert_int_eq(gmem_kernel::call(2).result, -EINVAL);
  gmem_kernel::forget_calls();
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
}
END_TEST

// The two older generations ask what the thread may use.
START_TEST(only_the_attaching_thread) {
  constexpr Generation generations[] = {Generation::k6_4, Generation::k6_6,
                                        kNewest};
  Options options;
  options.generation = generations[_i];
  options.only_attaching_thread = true;
  gmem_kernel::install(options);
  const Device device;
  PeerMemory memory(1, options.generation);
  ck_assert_int_eq(prefetch(device, memory), 0);
  int elsewhere = 1;
  std::thread([&] { elsewhere = prefetch(device, memory); }).join();
  ck_assert_int_eq(elsewhere, options.generation == kNewest ? 0 : -EINVAL);
}
END_TEST

START_TEST(a_detached_device_takes_no_pages) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(1, kNewest);
  gmem_kernel_double_detach();
  ck_assert_int_eq(prefetch(device, memory), -EFAULT);
  gmem_kernel_double_attach(0);
  ck_assert_int_eq(prefetch(device, memory), 0);
}
END_TEST

void* map_at(std::uintptr_t address, std::size_t size, int flags) {
  return mmap(reinterpret_cast<void*>(address), size, PROT_READ | PROT_WRITE,
              flags | MAP_PRIVATE | MAP_ANONYMOUS |
                  gmem_kernel::peer_shared_flag(kNewest),
              -1, 0);
}
void* pointer(std::uintptr_t address) {
  return reinterpret_cast<void*>(address);
}

START_TEST(where_mappings_lie) {
  gmem_kernel::install({});
  PeerMemory memory(2, kNewest);
  const std::uintptr_t far = memory.begin() + 100 * kPage;
  ck_assert_ptr_eq(map_at(far - 5, kPage, 0), pointer(far));
  ck_assert_ptr_eq(map_at(far + kPage + 4096, kPage, MAP_FIXED),
                   pointer(far + 2 * kPage));
  for (const int fixed : {MAP_FIXED, MAP_FIXED_NOREPLACE}) {
    ck_assert_ptr_eq(map_at(far - kPage, 2 * kPage, fixed), MAP_FAILED);
    ck_assert_int_eq(errno, EEXIST);
  }
  ck_assert_ptr_eq(map_at(0x10000000, kPage, MAP_FIXED), MAP_FAILED);
  ck_assert_int_eq(errno, ENOMEM);
  // Taken, and elsewhere: the kernel chooses.
  for (const std::uintptr_t hint : {far, std::uintptr_t{0x10000000}}) {
    void* const chosen = map_at(hint, kPage, 0);
    ck_assert_ptr_ne(chosen, MAP_FAILED);
    ck_assert_ptr_ne(chosen, pointer(hint));
  }
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(less_than_whole_pages_is_a_violation) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(4, kNewest);
  memory.fill(7);
  ck_assert_int_eq(prefetch(device, memory), 0);
  ck_assert_int_eq(munmap(memory.data() + 4096, kPage), -1);
  ck_assert_int_eq(errno, EINVAL);
  ck_assert_uint_eq(gmem_kernel::violations(), 1);
  // The length is rounded up.
  ck_assert_int_eq(munmap(memory.data() + 3 * kPage, 4096), 0);
  ck_assert_uint_eq(gmem_kernel::violations(), 2);
  ck_assert_uint_eq(memory.on_device(), 3 * kPage);
  ck_assert_int_eq(msync(memory.data() + 3 * kPage + 4096, 4096, MS_ASYNC), -1);
  ck_assert_ptr_eq(mremap(memory.data(), kPage, 2 * kPage, MREMAP_MAYMOVE),
                   MAP_FAILED);
  ck_assert_uint_eq(gmem_kernel::violations(), 3);
  ck_assert_int_eq(mprotect(memory.data() + 4096, 4096, PROT_READ), 0);
  ck_assert_uint_eq(gmem_kernel::violations(), 4);
}
END_TEST

START_TEST(whole_pages_may_be_unmapped_and_protected) {
  gmem_kernel::install({});
  const Device device;
  PeerMemory memory(4, kNewest);
  memory.fill(7);
  ck_assert_int_eq(mprotect(memory.data() + kPage, kPage, PROT_NONE), 0);
  // Three mappings now; one prefetch is for one of them.
  ck_assert_int_eq(prefetch(device, memory), gmem_kernel::kRetUnknown);
  for (int page = 0; page < 3; ++page)
    ck_assert_int_eq(prefetch(device, memory.begin() + page * kPage, kPage), 0);
  ck_assert_int_eq(
      mprotect(memory.data() + kPage, kPage, PROT_READ | PROT_WRITE), 0);
  ck_assert_int_eq(memory[kPage], 7);
  ck_assert_int_eq(munmap(memory.data() + 2 * kPage, kPage), 0);
  ck_assert_uint_eq(memory.on_device(), kPage);
  ck_assert_int_eq(memory[0], 7);
  ck_assert_int_eq(memory[4 * kPage - 1], 7);
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  skip_all_without_gmem_kernel();
  Suite* suite = suite_create("peer-shared memory");
  TCase* group = tcase_create("peer-shared memory");
  tcase_add_test(group, a_touch_brings_a_page_home);
  tcase_add_test(group, what_was_never_written_is_zero);
  tcase_add_test(group, discard_leaves_zeros);
  tcase_add_test(group, writers_lose_nothing_while_pages_move);
  tcase_add_test(group, the_kernel_touches_too);
  tcase_add_test(group, arguments_on_the_device);
  tcase_add_test(group, a_full_device);
  tcase_add_test(group, munmap_frees_pages_of_the_device);
  tcase_add_test(group, a_child_finds_zeros_where_the_device_had_pages);
  tcase_add_test(group, children_go_on_with_the_device);
  tcase_add_test(group, children_of_a_process_with_busy_threads);
  tcase_add_test(group, threads_that_block_signals);
  tcase_add_test(group, programs_that_handle_all_signals);
  tcase_add_test(group, threads_from_before);
  tcase_add_test(group, pinned_pages_stay);
  tcase_add_test(group, orders_to_fail);
  tcase_add_test(group, calls_are_remembered);
  tcase_add_loop_test(group, only_the_attaching_thread, 0, 3);
  tcase_add_test(group, a_detached_device_takes_no_pages);
  tcase_add_test(group, where_mappings_lie);
  tcase_add_test(group, less_than_whole_pages_is_a_violation);
  tcase_add_test(group, whole_pages_may_be_unmapped_and_protected);
  suite_add_tcase(suite, group);
  return suite;
}
