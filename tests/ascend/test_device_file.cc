// SPDX-License-Identifier: MulanPSL-2.0
// /dev/gmem and its requests: when it is opened, what survives its loss, what
// its answers become, and which nodes it has; on the double of the kernel.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "ascend/gmem_descriptors.h"
#include "ascend/machine.h"
#include "ascend/peer_flag.h"
#include "contract/memory.h"
#include "core/kernel_constants.h"
#include "doubles/peer_memory.h"
#include "support/check_main.h"
#include "support/child_process.h"

namespace {

using gmem::ByteRange;
using gmem::Error;
using gmem::Hnid;
using gmem::PageRange;
using gmem_kernel::Generation;
using gmem_kernel::Options;
using gmem_kernel::PeerMemory;
using gmem_kernel::Request;

constexpr std::array kGenerations = {Generation::k6_4, Generation::k6_6,
                                     Generation::kNewest};

Options on(int generation) {
  Options options;
  options.generation = kGenerations.at(static_cast<std::size_t>(generation));
  options.device_pages = 64;
  return options;
}

Error prefetch(const PeerMemory& memory, int hnid) {
  return ascend::device().prefetch(
      *ByteRange::from(memory.begin(), memory.size()), Hnid{hnid});
}
Error discard(const PeerMemory& memory) {
  return ascend::device().discard(
      PageRange::inward(*ByteRange::from(memory.begin(), memory.size())));
}
bool is_valid(int node) { return ascend::device().is_valid_node(Hnid{node}); }

START_TEST(it_is_opened_at_the_first_need_and_not_inherited_by_exec) {
  gmem_kernel::install(on(_i));
  ck_assert_int_eq(gmem_descriptors(), 0);
  ck_assert_int_eq(ascend::device().numa_id(), gmem_kernel::hnid());
  ck_assert_int_eq(gmem_descriptors(), 1);
  ck_assert_int_eq(fcntl(gmem_descriptor(), F_GETFD), FD_CLOEXEC);
  ck_assert_int_eq(ascend::device().numa_id(), gmem_kernel::hnid());
  ck_assert_int_eq(gmem_descriptors(), 1);
}
END_TEST

int open_with_eight_threads() {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 8);
  std::atomic<int> bad{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      pthread_barrier_wait(&barrier);
      if (ascend::device().numa_id() != gmem_kernel::hnid()) ++bad;
    });
  for (std::thread& thread : threads) thread.join();
  return bad == 0 && gmem_descriptors() == 1 ? 0 : 1;
}

START_TEST(threads_that_come_at_once_leave_one_open) {
  gmem_kernel::install(on(_i));
  for (int round = 0; round < 20; ++round)
    ck_assert_int_eq(run_in_child(open_with_eight_threads), 0);
}
END_TEST

START_TEST(it_serves_a_forked_child) {
  const ascend::Machine machine(on(_i));
  const int npu = ascend::device().numa_id();
  const auto use = [&] {
    const PeerMemory memory(2, on(_i).generation);
    return ascend::device().numa_id() == npu && prefetch(memory, npu) == 0 &&
                   memory.on_device() == memory.size() &&
                   gmem_descriptors() == 1
               ? 0
               : 1;
  };
  ck_assert_int_eq(run_in_child(use), 0);
  ck_assert_int_eq(use(), 0);
}
END_TEST

START_TEST(it_comes_back_after_the_program_closed_it) {
  const ascend::Machine machine(on(_i));
  const int npu = ascend::device().numa_id();
  const PeerMemory memory(2, on(_i).generation);
  // The double has files of its own above.
  ck_assert_int_eq(static_cast<int>(syscall(SYS_close_range, 3, 800, 0)), 0);
  ck_assert_int_eq(gmem_descriptors(), 0);
  ck_assert_int_eq(prefetch(memory, npu), 0);
  ck_assert_int_eq(gmem_descriptors(), 1);
  close(gmem_descriptor());
  ck_assert_int_eq(ascend::device().numa_id(), npu);
  close(gmem_descriptor());
  ck_assert_int_eq(discard(memory), 0);
  ck_assert_uint_eq(memory.on_device(), 0);
}
END_TEST

// Files that have the number by now, each for one way to refuse a request.
int another_file(int kind) {
  int ends[2];
  switch (kind) {
    case 0:
      return memfd_create("another", 0);
    case 1:
      return pipe(ends) == 0 ? ends[1] : -1;
    case 2:
      return open("/dev/null", O_RDWR);
    default:
      return static_cast<int>(syscall(SYS_userfaultfd, O_NONBLOCK));
  }
}

START_TEST(another_file_of_its_number_is_left_alone) {
  const ascend::Machine machine(on(_i));
  const int npu = ascend::device().numa_id();
  const PeerMemory memory(2, on(_i).generation);
  for (int kind = 0; kind < 4; ++kind) {
    const int number = gmem_descriptor();
    const int other = another_file(kind);
    ck_assert_int_ge(other, 0);
    ck_assert_int_eq(dup2(other, number), number);
    ck_assert_int_eq(prefetch(memory, npu), 0);
    ck_assert_uint_eq(memory.on_device(), memory.size());
    ck_assert_int_eq(discard(memory), 0);
    ck_assert_int_eq(gmem_descriptors(), 1);
    ck_assert_int_ne(gmem_descriptor(), number);
    // Still the same open file as the other.
    ck_assert_int_eq(fcntl(other, F_SETFL, O_APPEND), 0);
    ck_assert_int_ne(fcntl(number, F_GETFL) & O_APPEND, 0);
  }
}
END_TEST

START_TEST(probe_says_why_it_cannot_be_opened) {
  constexpr struct {
    int error;
    const char* words;
  } kCases[] = {{ENOENT, "there is no /dev/gmem"},
                {EACCES, "no right to open /dev/gmem"},
                {EPERM, "no right to open /dev/gmem"},
                {ENXIO, "no driver behind /dev/gmem"},
                {ENODEV, "no driver behind /dev/gmem"}};
  Options options = on(_i);
  options.open_error = ENOENT;
  gmem_kernel::install(options);
  for (const auto& expected : kCases) {
    gmem_kernel::set_open_error(expected.error);
    const gmem::Availability found = ascend::device().probe();
    ck_assert_int_eq(found.error, -expected.error);
    ck_assert_ptr_nonnull(strstr(found.reason, expected.words));
  }
  // None of that is for ever.
  gmem_kernel::set_open_error(0);
  ck_assert_int_eq(ascend::device().numa_id(), gmem_kernel::hnid());
}
END_TEST

START_TEST(probe_says_that_gmem_is_off) {
  Options options = on(_i);
  options.on = false;
  gmem_kernel::install(options);
  const gmem::Availability found = ascend::device().probe();
  ck_assert_int_eq(found.error, -ENODEV);
  ck_assert_ptr_nonnull(strstr(found.reason, "gmem=on"));
}
END_TEST

struct Answer {
  int kernel;
  Error prefetch;
  Error discard;
};
constexpr Answer kAnswers[] = {
    {1, -ENOMEM, -ENOMEM},     // out of memory
    {2, -EIO, -EIO},           // a page exists
    {3, -EIO, -EIO},           // DMA
    {4, -EBUSY, -EIO},         // being migrated
    {5, -EOPNOTSUPP, -EIO},    // not one peer-shared mapping
    {6, -EIO, -EIO},           // not implemented
    {-EFAULT, -ENOMEM, -EIO},  // pages failed
    {-EINVAL, -EINVAL, -EINVAL},
    {-ENOMEM, -ENOMEM, -ENOMEM},
    {-EBUSY, -EBUSY, -EIO},
    {-EPERM, -EPERM, -EPERM},
    {-EIO, -EIO, -EIO},
    {-EINTR, 0, 0},  // and then asked again
    {-EDOM, -EIO, -EIO},
};

START_TEST(answers_of_the_kernel_become_errors) {
  const ascend::Machine machine(on(_i));
  const int npu = ascend::device().numa_id();
  const PeerMemory memory(2, on(_i).generation);
  for (const Answer& answer : kAnswers) {
    gmem_kernel::fail(Request::kPrefetch, answer.kernel);
    ck_assert_int_eq(prefetch(memory, npu), answer.prefetch);
    gmem_kernel::fail(Request::kDiscard, answer.kernel);
    ck_assert_int_eq(discard(memory), answer.discard);
    ck_assert_int_eq(prefetch(memory, npu), 0);
    ck_assert_int_eq(discard(memory), 0);
  }
  for (const int error : {ENODEV, EFAULT, ENOMEM}) {
    gmem_kernel::fail(Request::kGetHnid, -error);
    ck_assert_int_eq(ascend::device().numa_id(), -ENODEV);
  }
  ck_assert_int_eq(ascend::device().numa_id(), npu);
}
END_TEST

START_TEST(no_wild_node_reaches_the_kernel) {
  const ascend::Machine machine(on(_i));
  gmem_kernel::forget_calls();
  for (const int node : {INT_MIN, -1000, -2, -1, gmem_kernel::kMaxNumnodes,
                         gmem_kernel::kMaxNumnodes + 1, 1 << 20, INT_MAX})
    ck_assert(!is_valid(node));
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  ck_assert(!is_valid(gmem_kernel::hnid() + 1));
  ck_assert(!is_valid(gmem_kernel::kMaxNumnodes - 1));
  ck_assert(is_valid(gmem_kernel::hnid()));
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

// Of nodes that are known, none is asked for: the calls are many.
START_TEST(a_node_is_asked_for_once) {
  const ascend::Machine machine(on(_i));
  ck_assert(is_valid(gmem_kernel::hnid()));
  gmem_kernel::forget_calls();
  for (int i = 0; i < 100; ++i) ck_assert(is_valid(gmem_kernel::hnid()));
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
}
END_TEST

START_TEST(a_device_without_memory_is_none) {
  Options options = on(_i);
  options.hnid = gmem_kernel::kMaxNumnodes;
  const ascend::Machine machine(options);
  ck_assert_int_eq(ascend::device().numa_id(), -ENODEV);
  ck_assert(!is_valid(gmem_kernel::kMaxNumnodes));
}
END_TEST

START_TEST(a_device_that_comes_later_is_found) {
  Options options = on(_i);
  options.attached = false;
  const ascend::Machine machine(options);
  ck_assert_int_eq(ascend::device().numa_id(), -ENODEV);
  ck_assert(!is_valid(gmem_kernel::hnid()));
  gmem_kernel::attach();
  ck_assert_int_eq(ascend::device().numa_id(), gmem_kernel::hnid());
  ck_assert(is_valid(gmem_kernel::hnid()));
  const PeerMemory memory(2, options.generation);
  ck_assert_int_eq(prefetch(memory, gmem_kernel::hnid()), 0);
}
END_TEST

START_TEST(the_device_that_is_attached_now_counts) {
  const ascend::Machine machine(on(_i));
  const int first = ascend::device().numa_id();
  const int second = first + 3;
  gmem_kernel::detach();
  ck_assert_int_eq(ascend::device().numa_id(), -ENODEV);
  gmem_kernel::attach_hnid(second);
  ck_assert_int_eq(ascend::device().numa_id(), second);
  ck_assert(is_valid(second));
  const PeerMemory memory(2, on(_i).generation);
  ck_assert_int_eq(prefetch(memory, second), 0);
  ck_assert_uint_eq(memory.on_device(), memory.size());
  ck_assert_int_eq(discard(memory), 0);
  // The old one is no place any more, and no harm is done by asking.
  ck_assert_int_lt(prefetch(memory, first), 0);
  ck_assert_uint_eq(memory.on_device(), 0);
  ck_assert_uint_eq(gmem_kernel::violations(), 0);
}
END_TEST

START_TEST(where_a_node_is_the_attaching_threads_others_are_told) {
  Options options = on(_i);
  options.only_attaching_thread = true;
  const ascend::Machine machine(options);
  const int npu = ascend::device().numa_id();
  const PeerMemory memory(2, options.generation);
  Error error = 0;
  std::thread([&] { error = prefetch(memory, npu); }).join();
  // The newest kernel does not look at the thread.
  ck_assert_int_eq(error,
                   options.generation == Generation::kNewest ? 0 : -EINVAL);
  ck_assert_int_eq(prefetch(memory, npu), 0);
  ck_assert_uint_eq(memory.on_device(), memory.size());
}
END_TEST

START_TEST(the_flag_of_each_kernel_is_found) {
  const Options options = on(_i);
  gmem_kernel::install(options);
  ck_assert_int_eq(gmem::ascend::peer_shared_flag(),
                   gmem_kernel::peer_shared_flag(options.generation));
  ck_assert(gmem::ascend::is_gmem_on());
}
END_TEST

START_TEST(the_flag_is_found_before_a_device_is_attached) {
  Options options = on(_i);
  options.attached = false;
  gmem_kernel::install(options);
  ck_assert_int_eq(gmem::ascend::peer_shared_flag(),
                   gmem_kernel::peer_shared_flag(options.generation));
  ck_assert(gmem::ascend::is_gmem_on());
}
END_TEST

START_TEST(the_flag_is_found_where_gmem_is_off) {
  Options options = on(_i);
  options.on = false;
  gmem_kernel::install(options);
  ck_assert_int_eq(gmem::ascend::peer_shared_flag(),
                   gmem_kernel::peer_shared_flag(options.generation));
  ck_assert(!gmem::ascend::is_gmem_on());
}
END_TEST

// Without address space nothing can be told, and nothing is remembered.
START_TEST(the_flag_is_found_once_there_is_address_space) {
  const Options options = on(_i);
  gmem_kernel::install(options);
  rlimit found;
  ck_assert_int_eq(getrlimit(RLIMIT_AS, &found), 0);
  const rlimit none = {1, found.rlim_max};
  ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
  const int without = gmem::ascend::peer_shared_flag();
  ck_assert_int_eq(setrlimit(RLIMIT_AS, &found), 0);
  ck_assert_int_eq(without, 0);
  ck_assert_int_eq(gmem::ascend::peer_shared_flag(),
                   gmem_kernel::peer_shared_flag(options.generation));
}
END_TEST

// This machine's, without the double.
START_TEST(a_kernel_without_gmem_has_no_flag) {
  ck_assert_int_eq(gmem::ascend::peer_shared_flag(), 0);
  ck_assert(!gmem::ascend::is_gmem_on());
}
END_TEST

// As some sandboxes do: EINVAL for flags of mmap that nobody knows.
void refuse_unknown_flags() {
  constexpr unsigned kUnknown = 0xff000000;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[3])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kUnknown, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program = {sizeof code / sizeof code[0], code};
  ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0),
                   0);
}

START_TEST(refusing_all_unknown_flags_is_not_knowing_one) {
  refuse_unknown_flags();
  ck_assert_ptr_eq(mmap(nullptr, 4096, PROT_READ,
                        MAP_SHARED | MAP_ANONYMOUS | 0x1000000, -1, 0),
                   MAP_FAILED);
  ck_assert_int_eq(gmem::ascend::peer_shared_flag(), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("device file");
  TCase* group = tcase_create("device file");
  for (const TTest* test :
       {it_is_opened_at_the_first_need_and_not_inherited_by_exec,
        threads_that_come_at_once_leave_one_open, it_serves_a_forked_child,
        it_comes_back_after_the_program_closed_it,
        another_file_of_its_number_is_left_alone,
        probe_says_why_it_cannot_be_opened, probe_says_that_gmem_is_off,
        answers_of_the_kernel_become_errors, no_wild_node_reaches_the_kernel,
        a_node_is_asked_for_once, a_device_without_memory_is_none,
        a_device_that_comes_later_is_found,
        the_device_that_is_attached_now_counts,
        where_a_node_is_the_attaching_threads_others_are_told,
        the_flag_of_each_kernel_is_found,
        the_flag_is_found_before_a_device_is_attached,
        the_flag_is_found_where_gmem_is_off,
        the_flag_is_found_once_there_is_address_space})
    tcase_add_loop_test(group, test, 0, static_cast<int>(kGenerations.size()));
  tcase_add_test(group, a_kernel_without_gmem_has_no_flag);
  tcase_add_test(group, refusing_all_unknown_flags_is_not_knowing_one);
  suite_add_tcase(suite, group);
  return suite;
}
