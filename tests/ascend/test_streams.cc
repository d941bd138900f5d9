// SPDX-License-Identifier: MulanPSL-2.0
// Streams of the Ascend runtime's (its double), in each of its versions.
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "ascend/report_server.h"
#include "ascend/stream_bench.h"
#include "contract/memory.h"
#include "support/capture_stderr.h"
#include "support/child_process.h"
#include "support/resident_memory.h"

namespace {

using ascend::device;
using ascend::PageTasks;
using ascend::remembered_streams;
using ascend::ReportServer;
using ascend::StreamBench;
using ascend::task_without_memory;
using ascend::task_without_node;
using gmem::Error;
using gmem::StreamHandle;

Error queue(StreamHandle stream, const gmem::Task& task) {
  return device().enqueue(stream, task);
}
Error synchronize(StreamHandle stream) {
  return device().stream_synchronize(stream);
}
Error destroy(StreamHandle stream) { return device().stream_destroy(stream); }

std::vector<std::size_t> first_pages(std::size_t count) {
  std::vector<std::size_t> pages(count);
  std::iota(pages.begin(), pages.end(), std::size_t{0});
  return pages;
}

// A function of the program's on a stream: it notes how many tasks of the
// library's have been carried out before it.
struct Witness {
  std::atomic<long> tasks_before{-1};
  static void look(void* witness) {
    static_cast<Witness*>(witness)->tasks_before =
        static_cast<long>(gmem_kernel::call_count());
  }
};

void launch(const StreamBench& bench, StreamHandle stream, Witness& witness) {
  const aclError error =
      bench.has_callbacks_alone()
          ? bench.acl().LaunchCallback(Witness::look, &witness, kAclBlock,
                                       stream)
          : bench.acl().LaunchHostFunc(stream, Witness::look, &witness);
  ck_assert_int_eq(error, 0);
}

START_TEST(tasks_are_carried_out_in_their_order) {
  const StreamBench bench(_i);
  const PageTasks tasks(200);
  const StreamHandle stream = bench.new_stream();
  for (std::size_t page = 0; page < 200; ++page)
    ck_assert_int_eq(tasks.queue(stream, page), 0);
  ck_assert_int_eq(synchronize(stream), 0);
  ck_assert(tasks.done() == first_pages(200));
  ck_assert_int_eq(destroy(stream), 0);
  ck_assert_int_eq(bench.control().count(kAclLiveStreams), 0);
}
END_TEST

void expect_tasks_among_witnesses(const StreamBench& bench,
                                  StreamHandle stream) {
  const PageTasks tasks(2);
  Witness first, second, third;
  bench.control().hold_stream(stream);
  launch(bench, stream, first);
  ck_assert_int_eq(tasks.queue(stream, 1), 0);
  launch(bench, stream, second);
  ck_assert_int_eq(tasks.queue(stream, 0), 0);
  launch(bench, stream, third);
  usleep(20000);
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  bench.control().release_stream(stream);
  ck_assert_int_eq(synchronize(stream), 0);
  ck_assert_int_eq(first.tasks_before, 0);
  ck_assert_int_eq(second.tasks_before, 1);
  ck_assert_int_eq(third.tasks_before, 2);
  ck_assert(tasks.done() == (std::vector<std::size_t>{1, 0}));
}

START_TEST(tasks_keep_their_place_among_the_programs_own_work) {
  const StreamBench bench(_i);
  const StreamHandle stream = bench.programs_stream();
  if (bench.has_callbacks_alone()) {
    const ReportServer server(bench.acl(), stream);
    expect_tasks_among_witnesses(bench, stream);
  } else {
    expect_tasks_among_witnesses(bench, stream);
  }
  ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(the_first_error_is_kept_until_it_is_asked_for) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  for (const StreamHandle stream :
       {bench.new_stream(), bench.programs_stream()}) {
    ck_assert_int_eq(queue(stream, task_without_memory()), 0);
    ck_assert_int_eq(queue(stream, task_without_node()), 0);
    ck_assert_int_eq(tasks.queue(stream, 0), 0);
    ck_assert_int_eq(synchronize(stream), -ENOMEM);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert_int_eq(queue(stream, task_without_node()), 0);
    ck_assert_int_eq(synchronize(stream), -EINVAL);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert_int_eq(destroy(stream), 0);
  }
  ck_assert_uint_eq(tasks.done().size(), 2);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(an_error_is_logged_where_warnings_are_asked_for) {
  setenv("GMEM_CONF", "log:warn", 1);
  const StreamBench bench(_i);
  const StreamHandle stream = bench.new_stream();
  const std::string said = stderr_of([&] {
    queue(stream, task_without_memory());
    synchronize(stream);
  });
  ck_assert_msg(said.rfind("libgmem: a queued operation failed: ", 0) == 0,
                "%s", said.c_str());
  ck_assert_int_eq(destroy(stream), 0);
}
END_TEST

START_TEST(destroying_returns_the_error_that_was_kept) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  for (const StreamHandle stream :
       {bench.new_stream(), bench.programs_stream()}) {
    ck_assert_int_eq(queue(stream, task_without_node()), 0);
    ck_assert_int_eq(tasks.queue(stream, 0), 0);
    ck_assert_int_eq(destroy(stream), -EINVAL);
    ck_assert(!device().is_live_stream(stream));
    ck_assert_int_eq(destroy(stream), -EINVAL);
  }
  ck_assert_uint_eq(tasks.done().size(), 2);
  ck_assert_int_eq(bench.control().count(kAclLiveStreams), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

struct LaunchFailure {
  int code;
  Error error;
};
constexpr std::array kLaunchFailures = {
    LaunchFailure{kAclInvalidParam, -EINVAL},
    LaunchFailure{kAclUninitialized, -ENODEV},
    LaunchFailure{kAclRtParam, -EINVAL},
    LaunchFailure{kAclRtDevice, -ENODEV},
    LaunchFailure{kAclRtNoContext, -ENODEV},
    LaunchFailure{kAclRtStreamContext, -EINVAL},
    LaunchFailure{kAclRtNoCallbackThread, -EIO},
    LaunchFailure{kAclRtInvalidHandle, -EINVAL},
    LaunchFailure{kAclBadAlloc, -ENOMEM},
    LaunchFailure{207001, -ENOMEM},
    LaunchFailure{207004, -ENODEV},
    LaunchFailure{207006, -EPERM},
    LaunchFailure{207018, -ENOMEM},
    LaunchFailure{kAclInternal, -EIO},
    LaunchFailure{kAclRtInternal, -EIO},
};

START_TEST(what_the_runtime_does_not_take_is_refused_and_never_done) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  for (const LaunchFailure& failure : kLaunchFailures) {
    const StreamHandle stream = bench.new_stream();
    // One way to launch may be tried after the other.
    bench.control().fail_launches(2, failure.code);
    const Error error = tasks.queue(stream, 0);
    bench.control().fail_launches(0, 0);
    ck_assert_msg(error == failure.error, "%d: %d", failure.code, error);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert_int_eq(destroy(stream), 0);
  }
  ck_assert_int_eq(bench.control().count(kAclLaunches), 0);
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(where_nothing_is_called_the_stream_is_waited_for) {
  const StreamBench bench(_i);
  const PageTasks tasks(2);
  const StreamHandle stream = bench.new_stream();
  constexpr int kNotSupported = 207000;
  bench.control().fail_launches(2, kNotSupported);
  ck_assert_int_eq(tasks.queue(stream, 1), 0);
  ck_assert(tasks.done() == std::vector<std::size_t>{1});
  bench.control().fail_launches(2, kNotSupported);
  ck_assert_int_eq(device().enqueue(stream, task_without_memory()), 0);
  bench.control().fail_launches(0, 0);
  ck_assert_int_eq(synchronize(stream), -ENOMEM);
  ck_assert_int_eq(destroy(stream), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(a_refusal_is_logged_with_the_runtimes_words) {
  setenv("GMEM_CONF", "log:warn", 1);
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  const StreamHandle stream = bench.new_stream();
  const std::string said = stderr_of([&] {
    bench.control().fail_launches(1, kAclRtInternal);
    tasks.queue(stream, 0);
  });
  ck_assert_msg(said.find("code 507000: ") != std::string::npos, "%s",
                said.c_str());
  ck_assert_msg(said.find("as the test ordered") != std::string::npos, "%s",
                said.c_str());
  ck_assert_int_eq(destroy(stream), 0);
}
END_TEST

START_TEST(a_stream_that_cannot_be_had_is_an_error) {
  const StreamBench bench(_i);
  StreamHandle stream = nullptr;
  bench.control().fail_create_stream(207001);
  ck_assert_int_eq(device().stream_create(&stream), -ENOMEM);
  // No right, by the runtime: an error that no page of the streams' calls names.
  bench.control().fail_create_stream(207006);
  ck_assert_int_eq(device().stream_create(&stream), -EIO);
  ck_assert_int_eq(bench.control().count(kAclLiveStreams), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(a_stream_that_may_not_be_waited_for_is_an_error) {
  const StreamBench bench(_i);
  const StreamHandle stream = bench.new_stream();
  bench.control().fail_synchronize(207006);
  ck_assert_int_eq(synchronize(stream), -EIO);
  ck_assert_int_eq(synchronize(stream), 0);
  bench.control().fail_synchronize(207006);
  ck_assert_int_eq(destroy(stream), -EIO);
}
END_TEST

START_TEST(a_task_that_is_never_called_for_is_an_error_once) {
  const StreamBench bench(_i);
  const PageTasks tasks(3);
  for (const StreamHandle stream :
       {bench.new_stream(), bench.programs_stream()}) {
    gmem_kernel::forget_calls();
    bench.control().swallow_functions(1);
    ck_assert_int_eq(tasks.queue(stream, 0), 0);
    ck_assert_int_eq(tasks.queue(stream, 1), 0);
    ck_assert_int_eq(synchronize(stream), -EIO);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert_int_eq(tasks.queue(stream, 2), 0);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert(tasks.done() == (std::vector<std::size_t>{1, 2}));
    ck_assert_int_eq(destroy(stream), 0);
  }
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(a_stream_that_dies_is_an_error_for_all_who_use_it) {
  const StreamBench bench(_i);
  const PageTasks tasks(3);
  const StreamHandle stream = bench.new_stream();
  std::future<Error> waiting;
  // Nothing is to be waited for where the runtime calls no functions.
  if (_i < ascend::kVariantsThatCall) {
    bench.control().hold_stream(stream);
    for (std::size_t page = 0; page < 3; ++page)
      ck_assert_int_eq(tasks.queue(stream, page), 0);
    waiting =
        std::async(std::launch::async, [&] { return synchronize(stream); });
    usleep(20000);
  }
  bench.control().kill_stream(stream);
  if (waiting.valid()) ck_assert_int_eq(waiting.get(), -EIO);
  ck_assert_int_eq(synchronize(stream), -EIO);
  ck_assert_int_eq(tasks.queue(stream, 0), -EIO);
  ck_assert_int_eq(destroy(stream), -EIO);
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  ck_assert_int_eq(bench.control().count(kAclLiveStreams), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

// Tasks are left on it; the next stream has its handle.
StreamHandle lose_stream(StreamBench& bench, const PageTasks& tasks,
                         StreamHandle stream) {
  bench.control().reuse_handles(1);
  bench.control().hold_stream(stream);
  for (std::size_t page = 0; page < 3; ++page)
    ck_assert_int_eq(tasks.queue(stream, page), 0);
  if (bench.has_callbacks_alone()) bench.expect_a_misuse();
  ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
  return stream;
}

START_TEST(a_stream_may_go_without_a_word_and_another_have_its_handle) {
  StreamBench bench(_i);
  const PageTasks tasks(4);
  const StreamHandle lost = lose_stream(bench, tasks, bench.programs_stream());
  const StreamHandle stream = bench.programs_stream();
  ck_assert_ptr_eq(stream, lost);
  ck_assert_int_eq(tasks.queue(stream, 3), 0);
  // What was lost is said once.
  ck_assert_int_eq(synchronize(stream), -EIO);
  ck_assert_int_eq(synchronize(stream), 0);
  ck_assert(tasks.done() == std::vector<std::size_t>{3});
  ck_assert_uint_eq(remembered_streams(), 0);
  ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
}
END_TEST

START_TEST(a_new_stream_has_nothing_of_one_that_had_its_handle) {
  StreamBench bench(_i);
  const PageTasks tasks(4);
  for (const bool ours : {false, true}) {
    const StreamHandle lost = lose_stream(
        bench, tasks, ours ? bench.new_stream() : bench.programs_stream());
    gmem_kernel::forget_calls();
    const StreamHandle stream = bench.new_stream();
    ck_assert_ptr_eq(stream, lost);
    ck_assert_int_eq(tasks.queue(stream, 3), 0);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert(tasks.done() == std::vector<std::size_t>{3});
    ck_assert_int_eq(destroy(stream), 0);
    ck_assert_uint_eq(remembered_streams(), 0);
  }
}
END_TEST

START_TEST(a_stream_of_ours_that_the_program_destroyed_is_refused) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  const StreamHandle stream = bench.new_stream();
  ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
  ck_assert_int_eq(tasks.queue(stream, 0), -EINVAL);
  ck_assert_int_eq(synchronize(stream), -EINVAL);
  ck_assert_int_eq(destroy(stream), -EINVAL);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(handles_that_are_not_live_are_refused) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  const contract::Area unreadable(1, PROT_NONE);
  const StreamHandle destroyed = bench.new_stream();
  ck_assert_int_eq(destroy(destroyed), 0);
  const StreamHandle gone = bench.programs_stream();
  ck_assert_int_eq(bench.acl().DestroyStream(gone), 0);
  int never = 0;
  for (const StreamHandle stream :
       {destroyed, gone, static_cast<StreamHandle>(&never),
        static_cast<StreamHandle>(unreadable.data()),
        reinterpret_cast<StreamHandle>(UINTPTR_MAX)}) {
    ck_assert(!device().is_live_stream(stream));
    ck_assert_int_eq(tasks.queue(stream, 0), -EINVAL);
    ck_assert_int_eq(synchronize(stream), -EINVAL);
    ck_assert_int_eq(destroy(stream), -EINVAL);
  }
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(another_contexts_stream_is_refused_and_unharmed) {
  const StreamBench bench(_i);
  const PageTasks tasks(2);
  void* const own = bench.current_context();
  void* other = nullptr;
  ck_assert_int_eq(bench.acl().CreateContext(&other, 0), 0);
  const StreamHandle stream = bench.programs_stream();
  ck_assert_int_eq(queue(stream, task_without_memory()), 0);
  ck_assert_int_eq(bench.acl().SynchronizeStream(stream), 0);

  ck_assert_int_eq(bench.acl().SetCurrentContext(own), 0);
  ck_assert(!device().is_live_stream(stream));
  ck_assert_int_eq(tasks.queue(stream, 0), -EINVAL);
  ck_assert_int_eq(synchronize(stream), -EINVAL);
  ck_assert_int_eq(destroy(stream), -EINVAL);

  // Its error is still there for who may have it.
  ck_assert_int_eq(bench.acl().SetCurrentContext(other), 0);
  ck_assert_int_eq(tasks.queue(stream, 1), 0);
  ck_assert_int_eq(synchronize(stream), -ENOMEM);
  ck_assert(tasks.done() == std::vector<std::size_t>{1});
  ck_assert_int_eq(destroy(stream), 0);
}
END_TEST

START_TEST(a_thread_without_context_uses_streams_of_ours_alone) {
  const StreamBench bench(_i);
  const PageTasks tasks(2);
  const StreamHandle ours = bench.new_stream();
  const StreamHandle programs = bench.programs_stream();
  std::thread([&] {
    StreamHandle none = nullptr;
    ck_assert_int_eq(device().stream_create(&none), -ENODEV);
    ck_assert(!device().is_live_stream(programs));
    ck_assert_int_eq(tasks.queue(programs, 0), -ENODEV);
    ck_assert_int_eq(synchronize(programs), -ENODEV);
    ck_assert_int_eq(tasks.queue(ours, 1), 0);
    ck_assert_int_eq(synchronize(ours), 0);
    ck_assert_int_eq(destroy(ours), 0);
  }).join();
  ck_assert(tasks.done() == std::vector<std::size_t>{1});
  ck_assert_int_eq(destroy(programs), 0);
}
END_TEST

START_TEST(streams_belong_to_the_context_in_which_they_are_made) {
  const StreamBench bench(_i);
  const PageTasks tasks(2);
  const StreamHandle first = bench.new_stream();
  void* const of_first = bench.current_context();
  ck_assert_int_eq(bench.acl().SetDevice(1), 0);
  void* const of_second = bench.current_context();
  const StreamHandle second = bench.new_stream();
  // The first from within the second's context, and the other way round.
  ck_assert_int_eq(tasks.queue(first, 0), 0);
  ck_assert_int_eq(synchronize(first), 0);
  ck_assert_ptr_eq(bench.current_context(), of_second);
  ck_assert_int_eq(bench.acl().SetCurrentContext(of_first), 0);
  ck_assert_int_eq(tasks.queue(second, 1), 0);
  ck_assert_int_eq(destroy(second), 0);
  ck_assert_ptr_eq(bench.current_context(), of_first);
  ck_assert_int_eq(destroy(first), 0);
  ck_assert(tasks.done() == (std::vector<std::size_t>{0, 1}));
}
END_TEST

START_TEST(streams_go_with_their_device) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  ck_assert_int_eq(bench.acl().SetDevice(1), 0);
  const StreamHandle stream = bench.new_stream();
  ck_assert_int_eq(bench.acl().ResetDevice(1), 0);
  ck_assert_int_lt(tasks.queue(stream, 0), 0);
  ck_assert_int_lt(synchronize(stream), 0);
  ck_assert_int_lt(destroy(stream), 0);
  ck_assert_uint_eq(gmem_kernel::call_count(), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(contexts_come_and_go) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  for (int i = 0; i < 40; ++i) {
    void* context = nullptr;
    ck_assert_int_eq(bench.acl().CreateContext(&context, 0), 0);
    const StreamHandle stream = bench.new_stream();
    ck_assert_int_eq(tasks.queue(stream, 0), 0);
    ck_assert_int_eq(destroy(stream), 0);
    ck_assert_int_eq(bench.acl().DestroyContext(context), 0);
  }
  ck_assert_uint_eq(tasks.done().size(), 40);
}
END_TEST

// Eight threads queue so many tasks each, on streams in turn.
constexpr std::size_t kThreads = 8;
constexpr std::size_t kTasksOfThread = 1250;

void queue_from_threads(const PageTasks& tasks,
                        const std::vector<StreamHandle>& streams) {
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (std::size_t i = 0; i < kTasksOfThread; ++i)
        ck_assert_int_eq(
            tasks.queue(streams[(thread + i) % streams.size()], thread), 0);
    });
  for (std::thread& thread : threads) thread.join();
  for (const StreamHandle stream : streams)
    ck_assert_int_eq(synchronize(stream), 0);
}

void expect_all_done(const StreamBench& bench, std::size_t stream_count) {
  const PageTasks tasks(kThreads);
  std::vector<StreamHandle> streams;
  for (std::size_t i = 0; i < stream_count; ++i)
    streams.push_back(bench.new_stream());
  constexpr int kWarmRounds = 2;
  std::size_t resident = 0;
  for (int round = 0; round < kWarmRounds + 3; ++round) {
    gmem_kernel::forget_calls();
    queue_from_threads(tasks, streams);
    ck_assert_uint_eq(gmem_kernel::call_count(), kThreads * kTasksOfThread);
    if (round + 1 == kWarmRounds) resident = resident_kib();
  }
  // Three rounds' tasks are some 2400 KiB.
  ck_assert_uint_lt(resident_kib(), resident + 1200);
  for (const StreamHandle stream : streams)
    ck_assert_int_eq(destroy(stream), 0);
}

START_TEST(many_threads_queue_on_one_stream) {
  const StreamBench bench(_i);
  expect_all_done(bench, 1);
}
END_TEST

START_TEST(many_threads_queue_on_several_streams) {
  const StreamBench bench(_i);
  expect_all_done(bench, 4);
}
END_TEST

START_TEST(many_threads_make_and_destroy_streams) {
  const StreamBench bench(_i);
  const PageTasks tasks(kThreads);
  bench.control().reuse_handles(1);
  void* const context = bench.current_context();
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      bench.acl().SetCurrentContext(context);
      for (int i = 0; i < 100; ++i) {
        const StreamHandle stream = bench.new_stream();
        ck_assert_int_eq(tasks.queue(stream, thread), 0);
        ck_assert_int_eq(destroy(stream), 0);
      }
    });
  for (std::thread& thread : threads) thread.join();
  ck_assert_uint_eq(gmem_kernel::call_count(), kThreads * 100);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(waiting_loses_nothing_that_is_being_queued) {
  const StreamBench bench(_i);
  const PageTasks tasks(kThreads);
  for (const StreamHandle stream :
       {bench.new_stream(), bench.programs_stream()}) {
    void* const context = bench.current_context();
    gmem_kernel::forget_calls();
    std::atomic<bool> ends{false};
    std::thread waiting([&] {
      bench.acl().SetCurrentContext(context);
      while (!ends) ck_assert_int_eq(synchronize(stream), 0);
    });
    for (std::size_t i = 0; i < 5000; ++i)
      ck_assert_int_eq(tasks.queue(stream, i % kThreads), 0);
    ends = true;
    waiting.join();
    ck_assert_int_eq(destroy(stream), 0);
    ck_assert_uint_eq(gmem_kernel::call_count(), 5000);
  }
}
END_TEST

START_TEST(a_thread_of_the_programs_serves_what_it_subscribed_to) {
  const StreamBench bench(_i);
  const PageTasks tasks(2);
  for (const int use_rt_codes : {0, 1}) {
    bench.control().use_rt_codes(use_rt_codes);
    const StreamHandle stream = bench.programs_stream();
    {
      const ReportServer server(bench.acl(), stream);
      ck_assert_int_eq(tasks.queue(stream, 0), 0);
      ck_assert_int_eq(synchronize(stream), 0);
      ck_assert_int_eq(bench.control().last_function_thread(), server.tid());
      ck_assert_int_eq(bench.control().count(kAclSubscriptions), 1);
    }
    // From here on, one of ours.
    ck_assert_int_eq(tasks.queue(stream, 1), 0);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert_int_eq(bench.control().count(kAclSubscriptions), 0);
    ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
  }
  ck_assert_uint_eq(tasks.done().size(), 4);
}
END_TEST

START_TEST(the_programs_streams_are_let_go_of) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  for (int i = 0; i < 200; ++i) {
    const StreamHandle stream = bench.programs_stream();
    ck_assert_int_eq(tasks.queue(stream, 0), 0);
    ck_assert_int_eq(synchronize(stream), 0);
    ck_assert_int_eq(bench.control().count(kAclSubscriptions), 0);
    ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
  }
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

// The program waits by itself, and has its stream back soon.
START_TEST(streams_are_let_go_of_without_our_synchronize) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  const StreamHandle stream = bench.programs_stream();
  ck_assert_int_eq(tasks.queue(stream, 0), 0);
  ck_assert_int_eq(bench.acl().SynchronizeStream(stream), 0);
  while (bench.control().count(kAclSubscriptions) != 0) usleep(1000);
  while (remembered_streams() != 0) usleep(1000);
  ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
}
END_TEST

START_TEST(a_child_has_no_streams_and_the_parent_goes_on) {
  const StreamBench bench(_i);
  const PageTasks tasks(2);
  const StreamHandle stream = bench.new_stream();
  if (_i < ascend::kVariantsThatCall) bench.control().hold_stream(stream);
  ck_assert_int_eq(_i < ascend::kVariantsThatCall ? tasks.queue(stream, 0) : 0,
                   0);
  const int status = run_in_child([&] {
    StreamHandle made = nullptr;
    if (device().is_live_stream(stream)) return 1;
    if (tasks.queue(stream, 1) != -EIO) return 2;
    if (synchronize(stream) != -EIO) return 3;
    if (destroy(stream) != -EINVAL) return 4;
    if (device().stream_create(&made) != -EIO) return 5;
    return remembered_streams() == 0 ? 0 : 6;
  });
  ck_assert_int_eq(status, 0);
  bench.control().release_stream(stream);
  ck_assert_int_eq(tasks.queue(stream, 1), 0);
  ck_assert_int_eq(destroy(stream), 0);
  ck_assert_uint_eq(tasks.done().back(), 1);
}
END_TEST

START_TEST(as_many_streams_as_there_can_be) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  constexpr std::size_t kMost = gmem::ascend::StreamTable::kMostStreams;
  std::vector<StreamHandle> streams;
  for (std::size_t i = 0; i < kMost; ++i) streams.push_back(bench.new_stream());
  StreamHandle more = nullptr;
  ck_assert_int_eq(device().stream_create(&more), -EAGAIN);
  ck_assert_int_eq(bench.control().count(kAclLiveStreams),
                   static_cast<long>(kMost));
  for (const StreamHandle stream : streams)
    ck_assert_int_eq(tasks.queue(stream, 0), 0);
  for (const StreamHandle stream : streams)
    ck_assert_int_eq(destroy(stream), 0);
  ck_assert_uint_eq(gmem_kernel::call_count(), kMost);
  ck_assert_int_eq(destroy(bench.new_stream()), 0);
  ck_assert_uint_eq(remembered_streams(), 0);
}
END_TEST

START_TEST(errors_that_nobody_asks_for_use_nothing_up) {
  const StreamBench bench(_i);
  const PageTasks tasks(1);
  for (int i = 0; i < 5000; ++i) {
    const StreamHandle stream = bench.programs_stream();
    ck_assert_int_eq(queue(stream, task_without_memory()), 0);
    ck_assert_int_eq(bench.acl().SynchronizeStream(stream), 0);
    while (bench.control().count(kAclSubscriptions) != 0) usleep(100);
    ck_assert_int_eq(bench.acl().DestroyStream(stream), 0);
  }
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("ascend streams");
  TCase* all = tcase_create("every runtime");
  for (const TTest* test : std::array{
           tasks_are_carried_out_in_their_order,
           the_first_error_is_kept_until_it_is_asked_for,
           an_error_is_logged_where_warnings_are_asked_for,
           destroying_returns_the_error_that_was_kept,
           a_stream_that_cannot_be_had_is_an_error,
           a_stream_that_may_not_be_waited_for_is_an_error,
           a_stream_that_dies_is_an_error_for_all_who_use_it,
           a_stream_of_ours_that_the_program_destroyed_is_refused,
           handles_that_are_not_live_are_refused,
           another_contexts_stream_is_refused_and_unharmed,
           a_thread_without_context_uses_streams_of_ours_alone,
           streams_belong_to_the_context_in_which_they_are_made,
           streams_go_with_their_device,
           contexts_come_and_go,
           many_threads_queue_on_one_stream,
           many_threads_queue_on_several_streams,
           many_threads_make_and_destroy_streams,
           waiting_loses_nothing_that_is_being_queued,
           a_child_has_no_streams_and_the_parent_goes_on,
           as_many_streams_as_there_can_be,
           errors_that_nobody_asks_for_use_nothing_up,
       })
    tcase_add_loop_test(all, test, 0, ascend::kVariantsInAll);
  suite_add_tcase(suite, all);
  TCase* calling = tcase_create("runtimes that call functions");
  for (const TTest* test : std::array{
           tasks_keep_their_place_among_the_programs_own_work,
           what_the_runtime_does_not_take_is_refused_and_never_done,
           where_nothing_is_called_the_stream_is_waited_for,
           a_refusal_is_logged_with_the_runtimes_words,
           a_task_that_is_never_called_for_is_an_error_once,
           a_stream_may_go_without_a_word_and_another_have_its_handle,
           a_new_stream_has_nothing_of_one_that_had_its_handle,
       })
    tcase_add_loop_test(calling, test, 0, ascend::kVariantsThatCall);
  suite_add_tcase(suite, calling);
  TCase* reports = tcase_create("runtimes that ask for reports");
  for (const TTest* test : std::array{
           a_thread_of_the_programs_serves_what_it_subscribed_to,
           the_programs_streams_are_let_go_of,
           streams_are_let_go_of_without_our_synchronize,
       })
    tcase_add_loop_test(reports, test, ascend::kCallbackVariant,
                        ascend::kCallbackVariant + 1);
  suite_add_tcase(suite, reports);
  return suite;
}
