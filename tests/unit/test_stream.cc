// SPDX-License-Identifier: MulanPSL-2.0
// Streams on a device that only writes down what it is asked to do.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "core/stats.h"
#include "core/stream.h"
#include "support/check_main.h"
#include "support/child_process.h"
#include "support/fake_device.h"

namespace {

namespace stream = gmem::stream;
using gmem::Error;
using gmem::StreamHandle;
using Number = FakeDevice::Number;
using Numbers = std::vector<Number>;

StreamHandle new_stream(FakeDevice& device) {
  StreamHandle handle = nullptr;
  ck_assert_int_eq(stream::create(device, &handle), 0);
  ck_assert_ptr_nonnull(handle);
  return handle;
}

Error queue(StreamHandle handle, Number number) {
  return stream::enqueue(handle, FakeDevice::discard_task(number));
}

void queue_numbers(StreamHandle handle, std::size_t count) {
  for (Number number = 0; number < count; ++number)
    ck_assert_int_eq(queue(handle, number), 0);
}

Numbers first_numbers(std::size_t count) {
  Numbers numbers(count);
  std::iota(numbers.begin(), numbers.end(), Number{0});
  return numbers;
}

std::size_t worker_count() {
  std::size_t count = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    count += name == "gmem-stream";
  }
  return count;
}

// A thread that has been joined stands in /proc for a moment more.
std::size_t workers_left_in_the_end() {
  for (int tries = 0; tries < 1000 && worker_count() != 0; ++tries)
    usleep(10'000);
  return worker_count();
}

std::size_t mapped_bytes() {
  std::size_t pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  ck_assert_int_eq(fscanf(file, "%zu", &pages), 1);
  fclose(file);
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

START_TEST(tasks_run_in_order) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  queue_numbers(handle, 20000);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  ck_assert(device.done() == first_numbers(20000));
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

START_TEST(tasks_run_in_order_one_by_one) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  for (Number number = 0; number < 3000; ++number) {
    ck_assert_int_eq(queue(handle, number), 0);
    ck_assert_int_eq(stream::synchronize(handle), 0);
    ck_assert_uint_eq(device.done_count(), number + 1);
  }
  ck_assert(device.done() == first_numbers(3000));
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

START_TEST(queuing_does_not_wait_for_the_work) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  device.hold();
  queue_numbers(handle, 1000);
  ck_assert_uint_eq(device.done_count(), 0);
  device.let_go();
  ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert(device.done() == first_numbers(1000));
}
END_TEST

START_TEST(streams_run_side_by_side) {
  FakeDevice held;
  FakeDevice free;
  const StreamHandle waiting = new_stream(held);
  const StreamHandle running = new_stream(free);
  held.hold();
  queue_numbers(waiting, 10);
  queue_numbers(running, 10);
  ck_assert_int_eq(stream::synchronize(running), 0);
  ck_assert_uint_eq(free.done_count(), 10);
  ck_assert_uint_eq(held.done_count(), 0);
  held.let_go();
  ck_assert_int_eq(stream::destroy(waiting), 0);
  ck_assert_int_eq(stream::destroy(running), 0);
  ck_assert_uint_eq(held.done_count(), 10);
}
END_TEST

START_TEST(each_producer_keeps_its_order) {
  constexpr std::size_t kProducers = 4;
  constexpr std::size_t kEach = 10000;
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  std::atomic<int> refused{0};
  std::vector<std::thread> producers;
  for (std::size_t producer = 0; producer < kProducers; ++producer)
    producers.emplace_back([&, producer] {
      for (std::size_t i = 0; i < kEach; ++i)
        refused += queue(handle, producer * kEach + i) != 0;
    });
  for (std::thread& producer : producers) producer.join();
  ck_assert_int_eq(refused, 0);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  const Numbers done = device.done();
  ck_assert_uint_eq(done.size(), kProducers * kEach);
  std::size_t next[kProducers] = {};
  for (const Number number : done)
    ck_assert_uint_eq(number % kEach, next[number / kEach]++);
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

START_TEST(the_first_error_is_kept_and_then_forgotten) {
  FakeDevice device;
  device.act = [](Number number) {
    return number == 3 ? -ENOMEM : number == 5 ? -EIO : 0;
  };
  const StreamHandle handle = new_stream(device);
  queue_numbers(handle, 10);
  ck_assert_int_eq(stream::synchronize(handle), -ENOMEM);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  ck_assert_uint_eq(device.done_count(), 10);
  ck_assert_int_eq(queue(handle, 5), 0);
  ck_assert_int_eq(stream::synchronize(handle), -EIO);
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

START_TEST(destroy_returns_the_error_not_yet_returned) {
  FakeDevice device;
  device.act = [](Number number) { return number == 3 ? -EBUSY : 0; };
  const StreamHandle handle = new_stream(device);
  queue_numbers(handle, 10);
  ck_assert_int_eq(stream::destroy(handle), -EBUSY);
  ck_assert_int_eq(stream::destroy(new_stream(device)), 0);
}
END_TEST

START_TEST(an_error_of_one_stream_is_not_another_ones) {
  FakeDevice failing;
  FakeDevice working;
  failing.act = [](Number) { return -EIO; };
  const StreamHandle bad = new_stream(failing);
  const StreamHandle good = new_stream(working);
  queue_numbers(bad, 1);
  queue_numbers(good, 1);
  ck_assert_int_eq(stream::synchronize(good), 0);
  ck_assert_int_eq(stream::destroy(bad), -EIO);
  ck_assert_int_eq(stream::destroy(good), 0);
}
END_TEST

START_TEST(errors_are_counted_by_kind) {
  FakeDevice device;
  device.act = [](Number number) { return number % 2 == 0 ? -EIO : 0; };
  const auto prefetch_errors = gmem::stats.prefetch_errors.get();
  const auto discard_errors = gmem::stats.discard_errors.get();
  const StreamHandle handle = new_stream(device);
  for (Number number = 0; number < 6; ++number)
    stream::enqueue(handle, FakeDevice::prefetch_task(number));
  for (Number number = 0; number < 3; ++number) queue(handle, number);
  ck_assert_int_eq(stream::destroy(handle), -EIO);
  ck_assert_uint_eq(gmem::stats.prefetch_errors.get(), prefetch_errors + 3);
  ck_assert_uint_eq(gmem::stats.discard_errors.get(), discard_errors + 2);
}
END_TEST

START_TEST(many_waiters_all_return_and_one_has_the_error) {
  constexpr int kWaiters = 8;
  FakeDevice device;
  device.act = [](Number number) { return number == 50 ? -EIO : 0; };
  const StreamHandle handle = new_stream(device);
  device.hold();
  queue_numbers(handle, 100);
  std::atomic<int> with_error{0};
  std::atomic<int> too_early{0};
  std::vector<std::thread> waiters;
  for (int i = 0; i < kWaiters; ++i)
    waiters.emplace_back([&] {
      with_error += stream::synchronize(handle) == -EIO;
      too_early += device.done_count() < 100;
    });
  device.let_go();
  for (std::thread& waiter : waiters) waiter.join();
  ck_assert_int_eq(with_error, 1);
  ck_assert_int_eq(too_early, 0);
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

// Waits until that thread, which stores its id right before a call, sleeps
// in the call.
void wait_until_asleep(const std::atomic<pid_t>& thread) {
  while (thread == 0) usleep(100);
  const std::string stat =
      "/proc/self/task/" + std::to_string(thread) + "/stat";
  for (char state = ' '; state != 'S'; usleep(100)) {
    std::string id;
    std::string name;
    std::ifstream(stat) >> id >> name >> state;
  }
}

START_TEST(a_waiter_does_not_wait_for_later_tasks) {
  FakeDevice device;
  std::atomic<bool> returned{false};
  // The last task does not end before the first waiter has returned.
  device.act = [&](Number number) {
    while (number == 2 && !returned) usleep(100);
    return 0;
  };
  const StreamHandle handle = new_stream(device);
  device.hold();
  queue_numbers(handle, 2);
  std::atomic<pid_t> first_id{0};
  std::thread first([&] {
    first_id = gettid();
    stream::synchronize(handle);
    returned = true;
  });
  wait_until_asleep(first_id);
  ck_assert_int_eq(queue(handle, 2), 0);
  std::atomic<pid_t> second_id{0};
  std::thread second([&] {
    second_id = gettid();
    stream::synchronize(handle);
  });
  wait_until_asleep(second_id);
  device.let_go();
  first.join();
  second.join();
  ck_assert_uint_eq(device.done_count(), 3);
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

void assert_not_live(StreamHandle handle) {
  ck_assert(!stream::is_live(handle));
  ck_assert_int_eq(queue(handle, 0), -EINVAL);
  ck_assert_int_eq(stream::synchronize(handle), -EINVAL);
  ck_assert_int_eq(stream::destroy(handle), -EINVAL);
}

START_TEST(made_up_handles_are_refused) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  const auto number = reinterpret_cast<std::uintptr_t>(handle);
  int variable = 0;
  assert_not_live(nullptr);
  assert_not_live(&variable);
  assert_not_live(&device);
  assert_not_live(reinterpret_cast<StreamHandle>(&new_stream));
  for (std::uintptr_t bit = 1; bit != 0; bit <<= 1) {
    assert_not_live(reinterpret_cast<StreamHandle>(bit));
    assert_not_live(reinterpret_cast<StreamHandle>(~bit));
    assert_not_live(reinterpret_cast<StreamHandle>(number ^ bit));
  }
  for (std::uintptr_t small = 1; small < 10000; ++small)
    assert_not_live(reinterpret_cast<StreamHandle>(small));
  ck_assert(stream::is_live(handle));
  ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert_uint_eq(device.done_count(), 0);
}
END_TEST

START_TEST(stale_handles_are_refused) {
  FakeDevice device;
  std::vector<StreamHandle> old;
  for (int i = 0; i < 100; ++i) {
    const StreamHandle handle = new_stream(device);
    queue_numbers(handle, 1);
    for (const StreamHandle stale : old) assert_not_live(stale);
    ck_assert_int_eq(stream::destroy(handle), 0);
    old.push_back(handle);
  }
  ck_assert_uint_eq(device.done_count(), 100);
}
END_TEST

START_TEST(there_is_room_for_4096_streams) {
  FakeDevice device;
  std::vector<StreamHandle> handles;
  for (std::size_t i = 0; i < stream::kMaxStreams; ++i)
    handles.push_back(new_stream(device));
  StreamHandle none = nullptr;
  ck_assert_int_eq(stream::create(device, &none), -EAGAIN);
  ck_assert_ptr_null(none);
  ck_assert_int_eq(stream::destroy(handles[1234]), 0);
  handles[1234] = new_stream(device);
  for (const StreamHandle handle : handles)
    ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

START_TEST(hundreds_of_streams_work_at_once) {
  FakeDevice device;
  std::vector<StreamHandle> handles;
  for (int i = 0; i < 300; ++i) handles.push_back(new_stream(device));
  for (int round = 0; round < 20; ++round)
    for (const StreamHandle handle : handles)
      ck_assert_int_eq(queue(handle, 1), 0);
  for (const StreamHandle handle : handles)
    ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert_uint_eq(device.done_count(), 6000);
}
END_TEST

START_TEST(a_stream_cannot_wait_for_itself) {
  FakeDevice device;
  StreamHandle handle = nullptr;
  std::atomic<Error> synchronized{0};
  std::atomic<Error> destroyed{0};
  std::atomic<Error> queued{-1};
  device.act = [&](Number number) {
    if (number != 0) return 0;
    synchronized = stream::synchronize(handle);
    destroyed = stream::destroy(handle);
    queued = queue(handle, 1);
    return 0;
  };
  handle = new_stream(device);
  queue_numbers(handle, 1);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  ck_assert_int_eq(synchronized, -EDEADLK);
  ck_assert_int_eq(destroyed, -EDEADLK);
  ck_assert_int_eq(queued, 0);
  ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert_uint_eq(device.done_count(), 2);
}
END_TEST

START_TEST(a_stream_may_wait_for_another) {
  FakeDevice device;
  const StreamHandle other = new_stream(device);
  FakeDevice waiting;
  waiting.act = [&](Number) { return stream::destroy(other); };
  const StreamHandle handle = new_stream(waiting);
  queue_numbers(other, 10);
  queue_numbers(handle, 1);
  ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert_uint_eq(device.done_count(), 10);
}
END_TEST

START_TEST(the_thread_lives_from_first_task_to_destroy) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  ck_assert_uint_eq(worker_count(), 0);
  queue_numbers(handle, 1);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  ck_assert_uint_eq(worker_count(), 1);
  ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert_uint_eq(workers_left_in_the_end(), 0);
}
END_TEST

START_TEST(the_thread_is_named_and_leaves_signals_to_the_program) {
  FakeDevice device;
  sigset_t blocked;
  char name[16] = "";
  device.act = [&](Number) {
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    pthread_getname_np(pthread_self(), name, sizeof name);
    return 0;
  };
  sigset_t before;
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  const StreamHandle handle = new_stream(device);
  queue_numbers(handle, 1);
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert_str_eq(name, "gmem-stream");
  for (const int other :
       {SIGTERM, SIGINT, SIGUSR1, SIGALRM, SIGCHLD, SIGPIPE, SIGPROF, SIGRTMIN})
    ck_assert_int_eq(sigismember(&blocked, other), 1);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS})
    ck_assert_int_eq(sigismember(&blocked, own), 0);
  for (int number = 1; number < SIGRTMAX; ++number)
    ck_assert_int_eq(sigismember(&before, number), sigismember(&after, number));
}
END_TEST

START_TEST(errno_stays) {
  FakeDevice device;
  errno = 4321;
  const StreamHandle handle = new_stream(device);
  queue_numbers(handle, 10000);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  ck_assert_int_eq(stream::destroy(handle), 0);
  assert_not_live(handle);
  ck_assert_int_eq(errno, 4321);
}
END_TEST

START_TEST(a_million_tasks_wait_and_their_memory_is_given_back) {
  constexpr std::size_t kTasks = 1000000;
  FakeDevice device(kTasks);
  const StreamHandle handle = new_stream(device);
  queue_numbers(handle, 1);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  const std::size_t queue_bytes = kTasks * sizeof(gmem::Task);
  const std::size_t before = mapped_bytes();
  device.hold();
  for (Number number = 1; number < kTasks; ++number)
    if (queue(handle, number) != 0) ck_abort_msg("task %zu", number);
  const std::size_t full = mapped_bytes();
  device.let_go();
  ck_assert_int_eq(stream::synchronize(handle), 0);
  const std::size_t drained = mapped_bytes();
  ck_assert(device.done() == first_numbers(kTasks));
  ck_assert_uint_gt(full, before + queue_bytes / 10 * 9);
  ck_assert_uint_lt(drained, before + queue_bytes / 10);
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

START_TEST(destroy_gives_the_memory_back) {
  FakeDevice device;
  std::size_t before = 0;
  for (int i = 0; i < 500; ++i) {
    const StreamHandle handle = new_stream(device);
    queue_numbers(handle, 10);
    ck_assert_int_eq(stream::destroy(handle), 0);
    if (i == 9) before = mapped_bytes();
  }
  ck_assert_uint_lt(mapped_bytes(), before + (4 << 20));
}
END_TEST

// From here on the process cannot start threads.  Not for the superuser, whom
// the limit does not bind.
bool forbid_threads() {
  const rlimit none = {0, 0};
  if (geteuid() == 0 && setuid(65534) != 0) return false;
  return setrlimit(RLIMIT_NPROC, &none) == 0;
}

START_TEST(without_threads_who_waits_does_the_work) {
  ck_assert_int_eq(0, run_in_child([] {
                     FakeDevice device;
                     device.act = [](Number number) {
                       return number == 7 ? -EIO : 0;
                     };
                     StreamHandle handle = nullptr;
                     if (!forbid_threads()) return 1;
                     if (stream::create(device, &handle) != 0) return 2;
                     for (Number number = 0; number < 5000; ++number)
                       if (queue(handle, number) != 0) return 3;
                     if (device.done_count() != 0) return 4;
                     if (stream::synchronize(handle) != -EIO) return 5;
                     if (device.done() != first_numbers(5000)) return 6;
                     if (queue(handle, 5000) != 0) return 7;
                     if (stream::destroy(handle) != 0) return 8;
                     return device.done() == first_numbers(5001) ? 0 : 9;
                   }));
}
END_TEST

START_TEST(without_threads_a_stream_still_cannot_wait_for_itself) {
  ck_assert_int_eq(0, run_in_child([] {
                     FakeDevice device;
                     StreamHandle handle = nullptr;
                     Error inside = 0;
                     device.act = [&](Number) {
                       inside = stream::synchronize(handle);
                       return 0;
                     };
                     if (!forbid_threads()) return 1;
                     if (stream::create(device, &handle) != 0) return 2;
                     if (queue(handle, 0) != 0) return 3;
                     if (stream::synchronize(handle) != 0) return 4;
                     return inside == -EDEADLK ? 0 : 5;
                   }));
}
END_TEST

START_TEST(fork_leaves_the_work_to_parent_and_child) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  queue_numbers(handle, 1);
  ck_assert_int_eq(stream::synchronize(handle), 0);
  device.hold();
  for (Number number = 1; number < 10000; ++number) queue(handle, number);
  device.wait_until_begun(2);
  const int status = run_in_child([&] {
    device.let_go();
    if (device.done_count() != 1) return 1;
    if (queue(handle, 10000) != 0) return 2;
    if (stream::synchronize(handle) != 0) return 3;
    if (device.done() != first_numbers(10001)) return 4;
    return stream::destroy(handle) == 0 ? 0 : 5;
  });
  ck_assert_int_eq(status, 0);
  device.let_go();
  ck_assert_int_eq(stream::destroy(handle), 0);
  ck_assert(device.done() == first_numbers(10000));
}
END_TEST

START_TEST(each_call_starts_the_work_again_in_a_child) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  device.hold();
  queue_numbers(handle, 100);
  device.wait_until_begun(1);
  ck_assert_int_eq(0, run_in_child([&] {
                     device.let_go();
                     if (stream::destroy(handle) != 0) return 1;
                     return device.done() == first_numbers(100) ? 0 : 2;
                   }));
  ck_assert_int_eq(0, run_in_child([&] {
                     device.let_go();
                     if (queue(handle, 100) != 0) return 1;
                     while (device.done_count() < 101) usleep(100);
                     return device.done() == first_numbers(101) ? 0 : 2;
                   }));
  // And the child of a child, which never touched the stream itself.
  ck_assert_int_eq(0, run_in_child([&] {
                     return run_in_child([&] {
                       device.let_go();
                       return stream::synchronize(handle) == 0 &&
                                      device.done() == first_numbers(100)
                                  ? 0
                                  : 1;
                     });
                   }));
  device.let_go();
  ck_assert_int_eq(stream::destroy(handle), 0);
}
END_TEST

START_TEST(a_stream_that_was_being_destroyed_is_live_in_a_child) {
  FakeDevice device;
  const StreamHandle handle = new_stream(device);
  device.hold();
  queue_numbers(handle, 100);
  std::thread destroyer([&] { stream::destroy(handle); });
  while (stream::is_live(handle)) usleep(100);
  ck_assert_int_eq(0, run_in_child([&] {
                     device.let_go();
                     if (stream::destroy(handle) != 0) return 1;
                     return device.done() == first_numbers(100) ? 0 : 2;
                   }));
  device.let_go();
  destroyer.join();
  ck_assert(device.done() == first_numbers(100));
}
END_TEST

// Numbers of several producers: each one's follow one another.
constexpr Number kProducerSpan = Number{1} << 32;

bool each_in_sequence(const Numbers& numbers) {
  std::map<Number, Number> last;
  for (const Number number : numbers) {
    const Number producer = number / kProducerSpan;
    if (last.count(producer) != 0 && last[producer] + 1 != number) return false;
    last[producer] = number;
  }
  return true;
}

START_TEST(forks_amid_busy_threads_find_whole_queues) {
#ifdef __SANITIZE_ADDRESS__
  return;  // its own allocator is found locked in such a child
#endif
  FakeDevice device;
  std::atomic<bool> over{false};
  const StreamHandle shared = new_stream(device);
  std::vector<std::thread> threads;
  for (Number producer = 0; producer < 2; ++producer)
    threads.emplace_back([&, producer] {
      for (Number number = producer * kProducerSpan; !over;) {
        for (int burst = 0; burst < 200; ++burst) queue(shared, number++);
        stream::synchronize(shared);
      }
    });
  threads.emplace_back([&] {
    FakeDevice other;
    while (!over) {
      StreamHandle own = nullptr;
      stream::create(other, &own);
      queue(own, 1);
      stream::destroy(own);
    }
  });
  int failed = 0;
  for (int i = 0; i < 100; ++i)
    failed += run_in_child([&] {
                StreamHandle own = nullptr;
                device.forget();
                if (stream::synchronize(shared) != 0) return 1;
                if (!each_in_sequence(device.done())) return 2;
                if (queue(shared, 1) != 0) return 3;
                if (stream::create(device, &own) != 0) return 4;
                if (queue(own, 1) != 0) return 5;
                if (stream::destroy(own) != 0) return 6;
                return stream::destroy(shared) == 0 ? 0 : 7;
              }) != 0;
  over = true;
  for (std::thread& thread : threads) thread.join();
  ck_assert_int_eq(failed, 0);
  ck_assert_int_eq(stream::destroy(shared), 0);
}
END_TEST

START_TEST(a_child_can_use_every_place_that_is_free) {
  FakeDevice device;
  const StreamHandle kept = new_stream(device);
  const StreamHandle given_up = new_stream(device);
  ck_assert_int_eq(stream::destroy(given_up), 0);
  ck_assert_int_eq(
      0, run_in_child([&] {
        StreamHandle handle = nullptr;
        for (std::size_t i = 1; i < stream::kMaxStreams; ++i)
          if (stream::create(device, &handle) != 0) return 1;
        if (stream::create(device, &handle) != -EAGAIN) return 2;
        return stream::is_live(kept) && !stream::is_live(given_up) ? 0 : 3;
      }));
  ck_assert_int_eq(stream::destroy(kept), 0);
}
END_TEST

START_TEST(exit_with_busy_streams_just_ends) {
  for (int i = 0; i < 20; ++i) {
    const int status = run_in_child([] {
      auto& device = *new FakeDevice;  // the workers outlive this function
      for (int streams = 0; streams < 4; ++streams) {
        StreamHandle handle = nullptr;
        if (stream::create(device, &handle) != 0) return 1;
        for (Number number = 0; number < 5000; ++number)
          if (queue(handle, number) != 0) return 2;
      }
      exit(42);
    });
    ck_assert_int_eq(status, 42);
  }
}
END_TEST

START_TEST(exit_amid_an_endless_task_just_ends) {
  const int status = run_in_child([] {
    auto& device = *new FakeDevice;
    StreamHandle handle = nullptr;
    if (stream::create(device, &handle) != 0) return 1;
    device.hold();
    if (queue(handle, 0) != 0) return 2;
    device.wait_until_begun(1);
    exit(42);
  });
  ck_assert_int_eq(status, 42);
}
END_TEST

// Threads queue, wait and destroy without regard for each other: what was
// accepted is run, all else is -EINVAL, one destroy wins, and all return.
START_TEST(racing_calls_lose_nothing_and_return) {
  constexpr int kRounds = 300;
  constexpr int kQueuers = 3;
  FakeDevice device(1);
  std::atomic<std::size_t> accepted{0};
  std::atomic<int> destroyed{0};
  std::atomic<int> unexpected{0};
  for (int round = 0; round < kRounds; ++round) {
    const StreamHandle handle = new_stream(device);
    pthread_barrier_t together;
    pthread_barrier_init(&together, nullptr, kQueuers + 3);
    const auto note = [&unexpected](Error error) {
      unexpected += error != 0 && error != -EINVAL;
      return error == 0;
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < kQueuers; ++i)
      threads.emplace_back([&] {
        pthread_barrier_wait(&together);
        while (note(queue(handle, 1))) ++accepted;
      });
    threads.emplace_back([&] {
      pthread_barrier_wait(&together);
      while (note(stream::synchronize(handle))) continue;
    });
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&, round] {
        pthread_barrier_wait(&together);
        usleep(static_cast<useconds_t>(round));
        destroyed += note(stream::destroy(handle));
      });
    for (std::thread& thread : threads) thread.join();
    pthread_barrier_destroy(&together);
  }
  ck_assert_int_eq(unexpected, 0);
  ck_assert_int_eq(destroyed, kRounds);
  ck_assert_uint_gt(accepted, 0);
  ck_assert_uint_eq(device.done_count(), accepted);
}
END_TEST

TCase* add(Suite* suite, const char* name,
           std::initializer_list<const TTest*> tests) {
  TCase* group = tcase_create(name);
  for (const TTest* test : tests) tcase_add_test(group, test);
  suite_add_tcase(suite, group);
  return group;
}

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("stream");
  add(suite, "order",
      {tasks_run_in_order, tasks_run_in_order_one_by_one,
       queuing_does_not_wait_for_the_work, streams_run_side_by_side,
       each_producer_keeps_its_order, a_waiter_does_not_wait_for_later_tasks,
       a_million_tasks_wait_and_their_memory_is_given_back});
  add(suite, "errors",
      {the_first_error_is_kept_and_then_forgotten,
       destroy_returns_the_error_not_yet_returned,
       an_error_of_one_stream_is_not_another_ones, errors_are_counted_by_kind,
       many_waiters_all_return_and_one_has_the_error, errno_stays});
  add(suite, "handles",
      {made_up_handles_are_refused, stale_handles_are_refused,
       there_is_room_for_4096_streams, hundreds_of_streams_work_at_once,
       racing_calls_lose_nothing_and_return, destroy_gives_the_memory_back});
  add(suite, "threads",
      {a_stream_cannot_wait_for_itself, a_stream_may_wait_for_another,
       the_thread_lives_from_first_task_to_destroy,
       the_thread_is_named_and_leaves_signals_to_the_program,
       without_threads_who_waits_does_the_work,
       without_threads_a_stream_still_cannot_wait_for_itself});
  add(suite, "processes",
      {fork_leaves_the_work_to_parent_and_child,
       each_call_starts_the_work_again_in_a_child,
       a_stream_that_was_being_destroyed_is_live_in_a_child,
       a_child_can_use_every_place_that_is_free,
       exit_with_busy_streams_just_ends, exit_amid_an_endless_task_just_ends});
  // See tests/aarch64/left-out.
  tcase_set_tags(add(suite, "forks amid threads",
                     {forks_amid_busy_threads_find_whole_queues}),
                 "hangs_emulated");
  return suite;
}
