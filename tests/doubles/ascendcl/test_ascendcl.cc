// SPDX-License-Identifier: MulanPSL-2.0
// The double of the Ascend runtime does what the runtime's documentation says.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "doubles/ascendcl/acl_calls.h"
#include "doubles/ascendcl/control.h"
#include "doubles/ascendcl/load.h"
#include "support/check_main.h"
#include "support/child_process.h"

// What the double finds of a double of the kernel.
static std::vector<int> attached_hnids;
static int detached_count = 0;
extern "C" void gmem_kernel_double_attach(int hnid) {
  attached_hnids.push_back(hnid);
}
extern "C" void gmem_kernel_double_detach() { ++detached_count; }

namespace {

AclCalls& acl() {
  static AclCalls calls(load_acl_double("full"));
  return calls;
}

AclDouble& control() {
  static AclDouble orders(load_acl_double("full"));
  return orders;
}

std::uint64_t this_thread() {
  return static_cast<std::uint64_t>(pthread_self());
}

// What ran, in order, and where.
class Diary {
 public:
  struct Entry {
    Diary* diary;
    int number;
  };
  void note(int number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    numbers_.push_back(number);
    threads_.push_back(gettid());
  }
  std::vector<int> numbers() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return numbers_;
  }
  std::vector<pid_t> threads() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return threads_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<int> numbers_;
  std::vector<pid_t> threads_;
};

void write_entry(void* data) {
  auto* const entry = static_cast<Diary::Entry*>(data);
  entry->diary->note(entry->number);
}

// A function that stays within until it is let out.
class Gate {
 public:
  static void pass(void* data) {
    auto* const gate = static_cast<Gate*>(data);
    gate->entered_.set_value();
    gate->opened_.get_future().wait();
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

void nothing(void*) {}

void set_device() { ck_assert_int_eq(acl().SetDevice(0), 0); }

aclrtStream new_stream() {
  aclrtStream stream = nullptr;
  ck_assert_int_eq(acl().CreateStream(&stream), 0);
  ck_assert_ptr_nonnull(stream);
  return stream;
}

// A stream of another context than the calling thread's.
aclrtStream foreign_stream() {
  aclrtContext before = nullptr, other = nullptr;
  ck_assert_int_eq(acl().GetCurrentContext(&before), 0);
  ck_assert_int_eq(acl().CreateContext(&other, 0), 0);
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(acl().SetCurrentContext(before), 0);
  return stream;
}

aclError launch(aclrtStream stream, Diary::Entry& entry) {
  return acl().LaunchHostFunc(stream, write_entry, &entry);
}

// A thread that serves the callbacks of a stream until the end of a scope.
class Server {
 public:
  explicit Server(aclrtStream stream) : stream_(stream) {
    std::promise<std::uint64_t> id;
    thread_ = std::thread([this, &id] {
      tid_ = gettid();
      id.set_value(this_thread());
      while (!ends_) acl().ProcessReport(10);
    });
    id_ = id.get_future().get();
    ck_assert_int_eq(acl().SubscribeReport(id_, stream), 0);
  }
  ~Server() {
    acl().UnSubscribeReport(id_, stream_);
    ends_ = true;
    thread_.join();
  }
  pid_t tid() const { return tid_; }

 private:
  const aclrtStream stream_;
  std::thread thread_;
  std::uint64_t id_ = 0;
  std::atomic<pid_t> tid_{0};
  std::atomic<bool> ends_{false};
};

START_TEST(init_counts) {
  ck_assert_int_eq(acl().Finalize(), kAclUninitialized);
  ck_assert_int_eq(acl().Init(nullptr), 0);
  ck_assert_int_eq(acl().Init(nullptr), 0);
  std::uint64_t left = 9;
  ck_assert_int_eq(acl().FinalizeReference(nullptr), kAclInvalidParam);
  ck_assert_int_eq(acl().FinalizeReference(&left), 0);
  ck_assert_uint_eq(left, 1);
  ck_assert_int_eq(acl().Finalize(), 0);
  ck_assert_int_eq(acl().Finalize(), kAclRepeatFinalize);
}
END_TEST

START_TEST(older_init_refuses_to_be_repeated) {
  control().refuse_repeated_init(1);
  ck_assert_int_eq(acl().Init(nullptr), 0);
  ck_assert_int_eq(acl().Init(nullptr), kAclRepeatInitialize);
  ck_assert_int_eq(acl().Finalize(), 0);
  ck_assert_int_eq(acl().Init(nullptr), 0);
}
END_TEST

START_TEST(there_are_two_devices) {
  std::uint32_t count = 0;
  ck_assert_int_eq(acl().GetDeviceCount(&count), 0);
  ck_assert_uint_eq(count, 2);
  for (const std::int32_t wrong : {-1, 2}) {
    ck_assert_int_eq(acl().SetDevice(wrong), kAclRtDevice);
    ck_assert_int_eq(acl().ResetDevice(wrong), kAclRtDevice);
  }
}
END_TEST

START_TEST(a_device_is_the_threads_that_set_it) {
  std::int32_t device = -1;
  ck_assert_int_eq(acl().GetDevice(&device), kAclRtNoContext);
  ck_assert_int_eq(acl().SetDevice(1), 0);
  ck_assert_int_eq(acl().GetDevice(&device), 0);
  ck_assert_int_eq(device, 1);
  std::thread([] {
    std::int32_t none = -1;
    ck_assert_int_eq(acl().GetDevice(&none), kAclRtNoContext);
  }).join();
}
END_TEST

START_TEST(a_device_is_in_use_until_the_last_reset) {
  ck_assert_int_eq(acl().ResetDevice(0), kAclRtNoContext);
  set_device();
  set_device();
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(acl().ResetDevice(0), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert_int_eq(acl().ResetDevice(0), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), kAclRtInvalidHandle);
  ck_assert_int_eq(control().count(kAclLiveContexts), 0);
  std::int32_t device = -1;
  ck_assert_int_eq(acl().GetDevice(&device), kAclRtNoContext);
}
END_TEST

START_TEST(the_kernel_hears_of_the_first_and_the_last) {
  ck_assert_int_eq(acl().Init(nullptr), 0);
  ck_assert_uint_eq(attached_hnids.size(), 0);
  set_device();
  ck_assert_int_eq(acl().SetDevice(1), 0);
  ck_assert_uint_eq(attached_hnids.size(), 1);
  ck_assert_int_eq(attached_hnids[0], 0);
  ck_assert_int_eq(acl().ResetDevice(0), 0);
  ck_assert_int_eq(detached_count, 0);
  ck_assert_int_eq(acl().ResetDevice(1), 0);
  ck_assert_int_eq(detached_count, 1);
  set_device();
  ck_assert_uint_eq(attached_hnids.size(), 2);
}
END_TEST

START_TEST(memory_has_sizes) {
  std::size_t free = 1, total = 1;
  ck_assert_int_eq(acl().GetMemInfo(kAclHbm, &free, &total), kAclRtNoContext);
  set_device();
  ck_assert_int_eq(acl().GetMemInfo(kAclHbm, &free, &total), 0);
  ck_assert_uint_eq(total, std::size_t{32} << 30);
  ck_assert_uint_eq(free, std::size_t{24} << 30);
  ck_assert_int_eq(acl().GetMemInfo(12, &free, &total), 0);
  ck_assert_uint_eq(total, 0);
  ck_assert_uint_eq(free, 0);
}
END_TEST

START_TEST(contexts_are_made_and_chosen) {
  aclrtContext first = nullptr, made = nullptr, now = nullptr;
  ck_assert_int_eq(acl().GetCurrentContext(&now), kAclRtNoContext);
  set_device();
  ck_assert_int_eq(acl().GetCurrentContext(&first), 0);
  ck_assert_int_eq(acl().CreateContext(&made, 2), kAclRtDevice);
  ck_assert_int_eq(acl().CreateContext(&made, 1), 0);
  ck_assert_int_eq(acl().GetCurrentContext(&now), 0);
  ck_assert_ptr_eq(now, made);
  ck_assert_int_eq(control().count(kAclLiveContexts), 2);
  ck_assert_int_eq(acl().SetCurrentContext(first), 0);
  ck_assert_int_eq(acl().GetCurrentContext(&now), 0);
  ck_assert_ptr_eq(now, first);
  ck_assert_int_eq(acl().DestroyContext(first), kAclRtParam);
  ck_assert_int_eq(acl().DestroyContext(made), 0);
  ck_assert_int_eq(acl().DestroyContext(made), kAclRtInvalidHandle);
  ck_assert_int_eq(acl().SetCurrentContext(made), kAclRtInvalidHandle);
  ck_assert_int_eq(acl().SetCurrentContext(nullptr), kAclInvalidParam);
  ck_assert_int_eq(control().count(kAclLiveContexts), 1);
}
END_TEST

START_TEST(a_destroyed_context_is_nobodys_current) {
  set_device();
  aclrtContext made = nullptr;
  ck_assert_int_eq(acl().CreateContext(&made, 0), 0);
  new_stream();
  ck_assert_int_eq(acl().DestroyContext(made), 0);
  ck_assert_int_eq(control().count(kAclLiveStreams), 0);
  aclrtStream stream = nullptr;
  ck_assert_int_eq(acl().CreateStream(&stream), kAclRtNoContext);
}
END_TEST

using OnStream = aclError (*)(aclrtStream);
const OnStream kCallsOnStream[] = {
    [](aclrtStream stream) { return acl().SynchronizeStream(stream); },
    [](aclrtStream stream) {
      return acl().SynchronizeStreamWithTimeout(stream, 1000);
    },
    [](aclrtStream stream) {
      int status = -1;
      return acl().StreamQuery(stream, &status);
    },
    [](aclrtStream stream) {
      std::int32_t id = -1;
      return acl().StreamGetId(stream, &id);
    },
    [](aclrtStream stream) {
      return acl().LaunchHostFunc(stream, nothing, nullptr);
    },
    [](aclrtStream stream) {
      return acl().LaunchCallback(nothing, nullptr, kAclBlock, stream);
    },
    [](aclrtStream stream) {
      return acl().SubscribeReport(this_thread(), stream);
    },
    [](aclrtStream stream) {
      return acl().UnSubscribeReport(this_thread(), stream);
    },
    [](aclrtStream stream) { return acl().DestroyStream(stream); },
};
constexpr int kCallsOnStreamCount =
    sizeof kCallsOnStream / sizeof *kCallsOnStream;

START_TEST(a_stream_is_known_by_its_handle) {
  set_device();
  const OnStream call_on = kCallsOnStream[_i];
  const aclrtStream dead = new_stream();
  ck_assert_int_eq(acl().DestroyStream(dead), 0);
  ck_assert_int_eq(call_on(dead), kAclRtInvalidHandle);
  int local = 0;
  ck_assert_int_eq(call_on(&local), kAclRtInvalidHandle);
  ck_assert_int_eq(call_on(nullptr), kAclInvalidParam);
}
END_TEST

START_TEST(a_stream_is_its_contexts) {
  set_device();
  const OnStream call_on = kCallsOnStream[_i];
  ck_assert_int_eq(call_on(foreign_stream()), kAclRtStreamContext);
  const aclrtStream own = new_stream();
  std::thread([&] { ck_assert_int_eq(call_on(own), kAclRtNoContext); }).join();
}
END_TEST

START_TEST(streams_have_ids_of_their_own) {
  set_device();
  std::int32_t one = 0, two = 0;
  ck_assert_int_eq(acl().StreamGetId(new_stream(), &one), 0);
  ck_assert_int_eq(acl().StreamGetId(new_stream(), &two), 0);
  ck_assert_int_ne(one, two);
  ck_assert_int_eq(control().count(kAclLiveStreams), 2);
}
END_TEST

START_TEST(host_functions_run_in_order) {
  set_device();
  const aclrtStream stream = new_stream();
  Diary diary;
  std::vector<Diary::Entry> entries;
  std::vector<int> expected;
  for (int number = 0; number < 1000; ++number) {
    entries.push_back({&diary, number});
    expected.push_back(number);
  }
  for (auto& entry : entries) ck_assert_int_eq(launch(stream, entry), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert(diary.numbers() == expected);
  ck_assert_int_eq(control().count(kAclLaunches), 1000);
  ck_assert_int_eq(control().count(kAclFunctionsRun), 1000);
  ck_assert_int_eq(control().count(kAclMisuses), 0);
}
END_TEST

START_TEST(a_context_has_one_thread_for_host_functions) {
  set_device();
  Diary diary;
  Diary::Entry entry{&diary, 0};
  for (const aclrtStream stream : {new_stream(), new_stream()}) {
    ck_assert_int_eq(launch(stream, entry), 0);
    ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  }
  ck_assert_int_eq(acl().SetDevice(1), 0);
  const aclrtStream elsewhere = new_stream();
  ck_assert_int_eq(launch(elsewhere, entry), 0);
  ck_assert_int_eq(acl().SynchronizeStream(elsewhere), 0);

  const std::vector<pid_t> threads = diary.threads();
  ck_assert_int_ne(threads[0], gettid());
  ck_assert_int_eq(threads[0], threads[1]);
  ck_assert_int_ne(threads[1], threads[2]);
  ck_assert_int_eq(control().last_function_thread(), threads[2]);
}
END_TEST

START_TEST(a_stream_waits_for_its_host_function) {
  set_device();
  const aclrtStream stream = new_stream();
  Gate gate;
  Diary diary;
  Diary::Entry entry{&diary, 1};
  ck_assert_int_eq(acl().LaunchHostFunc(stream, Gate::pass, &gate), 0);
  ck_assert_int_eq(launch(stream, entry), 0);
  gate.wait_until_entered();
  int status = -1;
  ck_assert_int_eq(acl().StreamQuery(stream, &status), 0);
  ck_assert_int_eq(status, kAclStreamNotReady);
  ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, 20),
                   kAclRtWaitTimeout);
  ck_assert_uint_eq(diary.numbers().size(), 0);
  gate.open();
  ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, -1), 0);
  ck_assert_int_eq(acl().StreamQuery(stream, &status), 0);
  ck_assert_int_eq(status, kAclStreamComplete);
  ck_assert_uint_eq(diary.numbers().size(), 1);
}
END_TEST

START_TEST(wrong_arguments_are_refused) {
  set_device();
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(acl().CreateStream(nullptr), kAclInvalidParam);
  ck_assert_int_eq(acl().LaunchHostFunc(stream, nullptr, nullptr),
                   kAclInvalidParam);
  ck_assert_int_eq(acl().LaunchCallback(nullptr, nullptr, kAclBlock, stream),
                   kAclInvalidParam);
  ck_assert_int_eq(acl().LaunchCallback(nothing, nullptr, 2, stream),
                   kAclRtParam);
  for (const std::int32_t wrong : {0, -2}) {
    ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, wrong),
                     kAclRtParam);
    ck_assert_int_eq(acl().ProcessReport(wrong), kAclRtParam);
  }
}
END_TEST

START_TEST(a_destroyed_stream_drops_what_is_queued) {
  set_device();
  const aclrtStream stream = new_stream();
  Gate gate;
  Diary diary;
  Diary::Entry entry{&diary, 1};
  ck_assert_int_eq(acl().LaunchHostFunc(stream, Gate::pass, &gate), 0);
  ck_assert_int_eq(launch(stream, entry), 0);
  gate.wait_until_entered();
  ck_assert_int_eq(acl().DestroyStream(stream), 0);
  gate.open();

  const aclrtStream other = new_stream();
  Diary::Entry last{&diary, 2};
  ck_assert_int_eq(launch(other, last), 0);
  ck_assert_int_eq(acl().SynchronizeStream(other), 0);
  ck_assert(diary.numbers() == std::vector<int>{2});
}
END_TEST

// Its turn had come, but the context's thread was busy.
START_TEST(a_destroyed_stream_drops_what_waits_for_the_thread) {
  set_device();
  const aclrtStream busy = new_stream(), stream = new_stream();
  Gate gate;
  Diary diary;
  Diary::Entry entry{&diary, 1};
  ck_assert_int_eq(acl().LaunchHostFunc(busy, Gate::pass, &gate), 0);
  gate.wait_until_entered();
  ck_assert_int_eq(launch(stream, entry), 0);
  ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, 20),
                   kAclRtWaitTimeout);
  ck_assert_int_eq(acl().DestroyStream(stream), 0);
  gate.open();
  ck_assert_int_eq(acl().LaunchHostFunc(busy, nothing, nullptr), 0);
  ck_assert_int_eq(acl().SynchronizeStream(busy), 0);
  ck_assert_uint_eq(diary.numbers().size(), 0);
}
END_TEST

START_TEST(handles_come_back_only_when_asked) {
  set_device();
  const aclrtStream first = new_stream();
  ck_assert_int_eq(acl().DestroyStream(first), 0);
  const aclrtStream second = new_stream();
  ck_assert_ptr_ne(first, second);
  control().reuse_handles(1);
  ck_assert_int_eq(acl().DestroyStream(second), 0);
  ck_assert_ptr_eq(new_stream(), second);
  ck_assert_ptr_ne(new_stream(), second);
}
END_TEST

START_TEST(a_callback_needs_a_subscribed_thread) {
  set_device();
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(acl().LaunchCallback(nothing, nullptr, kAclBlock, stream),
                   kAclRtNoCallbackThread);
  ck_assert_int_eq(control().count(kAclLaunches), 0);
  ck_assert_int_eq(acl().ProcessReport(1), kAclThreadNotSubscribed);
  control().use_rt_codes(1);
  ck_assert_int_eq(acl().ProcessReport(1), kAclRtSubscribeThread);
}
END_TEST

START_TEST(a_callback_runs_in_the_subscribed_thread) {
  set_device();
  const aclrtStream stream = new_stream();
  Diary diary;
  Diary::Entry one{&diary, 1}, two{&diary, 2};
  const Server server(stream);
  ck_assert_int_eq(control().count(kAclSubscriptions), 1);
  for (Diary::Entry* entry : {&one, &two})
    ck_assert_int_eq(
        acl().LaunchCallback(write_entry, entry, kAclBlock, stream), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert((diary.numbers() == std::vector<int>{1, 2}));
  ck_assert(
      (diary.threads() == std::vector<pid_t>{server.tid(), server.tid()}));
  ck_assert_int_eq(control().count(kAclMisuses), 0);
}
END_TEST

START_TEST(only_a_blocking_callback_holds_the_stream) {
  set_device();
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(acl().SubscribeReport(this_thread(), stream), 0);
  ck_assert_int_eq(acl().LaunchCallback(nothing, nullptr, kAclNoBlock, stream),
                   0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert_int_eq(control().count(kAclFunctionsRun), 0);
  ck_assert_int_eq(acl().ProcessReport(1000), 0);
  ck_assert_int_eq(control().count(kAclFunctionsRun), 1);

  ck_assert_int_eq(acl().LaunchCallback(nothing, nullptr, kAclBlock, stream),
                   0);
  ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, 20),
                   kAclRtWaitTimeout);
  ck_assert_int_eq(acl().ProcessReport(-1), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
}
END_TEST

START_TEST(a_thread_waits_for_callbacks_in_vain) {
  set_device();
  ck_assert_int_eq(acl().SubscribeReport(this_thread(), new_stream()), 0);
  ck_assert_int_eq(acl().ProcessReport(10), kAclReportTimeout);
  control().use_rt_codes(1);
  ck_assert_int_eq(acl().ProcessReport(10), kAclRtReportTimeout);
}
END_TEST

START_TEST(subscriptions_have_codes) {
  set_device();
  const bool rt = _i == 1;
  control().use_rt_codes(rt);
  const aclrtStream stream = new_stream();
  const std::uint64_t thread = this_thread();
  ck_assert_int_eq(acl().UnSubscribeReport(thread, stream),
                   rt ? kAclRtSubscribeStream : kAclStreamNotSubscribed);
  ck_assert_int_eq(acl().SubscribeReport(thread, stream), 0);
  ck_assert_int_eq(acl().SubscribeReport(thread, stream),
                   rt ? kAclRtSubscribeStream : kAclRepeatSubscribe);
  ck_assert_int_eq(acl().SubscribeReport(thread + 1, stream),
                   rt ? kAclRtSubscribeStream : kAclRepeatSubscribe);
  ck_assert_int_eq(acl().UnSubscribeReport(thread + 1, stream),
                   rt ? kAclRtSubscribeThread : kAclThreadNotSubscribed);
  ck_assert_int_eq(acl().UnSubscribeReport(thread, stream), 0);
  ck_assert_int_eq(acl().LaunchCallback(nothing, nullptr, kAclBlock, stream),
                   kAclRtNoCallbackThread);
  ck_assert_int_eq(control().count(kAclSubscriptions), 0);
}
END_TEST

START_TEST(a_thread_serves_streams_of_one_device) {
  set_device();
  const std::uint64_t thread = this_thread();
  ck_assert_int_eq(acl().SubscribeReport(thread, new_stream()), 0);
  ck_assert_int_eq(acl().SubscribeReport(thread, new_stream()), 0);
  ck_assert_int_eq(acl().SetDevice(1), 0);
  ck_assert_int_eq(acl().SubscribeReport(thread, new_stream()),
                   kAclRtSubscribeThread);
  ck_assert_int_eq(control().count(kAclSubscriptions), 2);
}
END_TEST

START_TEST(mixing_is_misuse) {
  set_device();
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(acl().LaunchHostFunc(stream, nothing, nullptr), 0);
  ck_assert_ptr_null(control().last_misuse());
  ck_assert_int_eq(acl().SubscribeReport(this_thread(), stream), 0);
  ck_assert_int_eq(control().count(kAclMisuses), 1);
  ck_assert_ptr_nonnull(control().last_misuse());

  const aclrtStream other = new_stream();
  ck_assert_int_eq(acl().SubscribeReport(this_thread(), other), 0);
  ck_assert_int_eq(control().count(kAclMisuses), 1);
  ck_assert_int_eq(acl().LaunchHostFunc(other, nothing, nullptr), 0);
  ck_assert_int_eq(control().count(kAclMisuses), 2);
}
END_TEST

START_TEST(unsubscribing_comes_before_destroying) {
  set_device();
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(acl().SubscribeReport(this_thread(), stream), 0);
  ck_assert_int_eq(acl().DestroyStream(stream), 0);
  ck_assert_int_eq(control().count(kAclMisuses), 1);
  ck_assert_int_eq(acl().ProcessReport(1), kAclThreadNotSubscribed);
}
END_TEST

START_TEST(unsubscribing_drops_callbacks) {
  set_device();
  const aclrtStream stream = new_stream();
  Diary diary;
  Diary::Entry entry{&diary, 1};
  ck_assert_int_eq(acl().SubscribeReport(this_thread(), stream), 0);
  ck_assert_int_eq(acl().LaunchCallback(write_entry, &entry, kAclBlock, stream),
                   0);
  ck_assert_int_eq(acl().UnSubscribeReport(this_thread(), stream), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert_int_eq(control().count(kAclMisuses), 1);
  ck_assert_uint_eq(diary.numbers().size(), 0);
}
END_TEST

void use_runtime(void* data) {
  *static_cast<aclError*>(data) =
      acl().LaunchHostFunc(nullptr, nothing, nullptr);
}

START_TEST(a_function_may_not_use_the_runtime) {
  set_device();
  const aclrtStream stream = new_stream();
  aclError error = 0;
  ck_assert_int_eq(acl().LaunchHostFunc(stream, use_runtime, &error), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert_int_eq(error, kAclInternal);
  ck_assert_int_eq(control().count(kAclMisuses), 1);
}
END_TEST

START_TEST(failures_are_told_in_words) {
  ck_assert_ptr_null(acl().GetRecentErrMsg());
  ck_assert_int_eq(acl().SetDevice(7), kAclRtDevice);
  const std::string words = acl().GetRecentErrMsg();
  ck_assert(words.find("aclrtSetDevice") != std::string::npos);
  ck_assert(words.find("107001") != std::string::npos);
  std::thread([] { ck_assert_ptr_null(acl().GetRecentErrMsg()); }).join();
}
END_TEST

START_TEST(launches_fail_as_ordered) {
  set_device();
  const aclrtStream stream = new_stream();
  Diary diary;
  Diary::Entry one{&diary, 1}, two{&diary, 2}, three{&diary, 3};
  control().fail_launches(2, 207001);
  ck_assert_int_eq(launch(stream, one), 207001);
  ck_assert_int_eq(launch(stream, two), 207001);
  ck_assert_int_eq(launch(stream, three), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert(diary.numbers() == std::vector<int>{3});
  ck_assert_int_eq(control().count(kAclLaunches), 1);
}
END_TEST

START_TEST(other_calls_fail_as_ordered) {
  set_device();
  const aclrtStream stream = new_stream();
  control().fail_synchronize(107020);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 107020);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  control().fail_synchronize(107022);
  ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, 1000), 107022);
  ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, 1000), 0);
  aclrtStream none = nullptr;
  control().fail_create_stream(207001);
  ck_assert_int_eq(acl().CreateStream(&none), 207001);
  ck_assert_ptr_null(none);
  ck_assert_int_eq(acl().CreateStream(&none), 0);
}
END_TEST

START_TEST(functions_are_swallowed_as_ordered) {
  set_device();
  const aclrtStream stream = new_stream();
  Diary diary;
  Diary::Entry one{&diary, 1}, two{&diary, 2};
  control().swallow_functions(1);
  ck_assert_int_eq(launch(stream, one), 0);
  ck_assert_int_eq(launch(stream, two), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert(diary.numbers() == std::vector<int>{2});
  ck_assert_int_eq(control().count(kAclLaunches), 2);
  ck_assert_int_eq(control().count(kAclFunctionsRun), 1);
}
END_TEST

START_TEST(a_held_stream_queues) {
  set_device();
  const aclrtStream stream = new_stream();
  Diary diary;
  Diary::Entry entry{&diary, 1};
  ck_assert_int_eq(control().hold_stream(stream), 0);
  ck_assert_int_eq(launch(stream, entry), 0);
  ck_assert_int_eq(acl().SynchronizeStreamWithTimeout(stream, 20),
                   kAclRtWaitTimeout);
  ck_assert_uint_eq(diary.numbers().size(), 0);
  ck_assert_int_eq(control().release_stream(stream), 0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
  ck_assert_uint_eq(diary.numbers().size(), 1);
}
END_TEST

START_TEST(a_killed_stream_breaks_its_context) {
  set_device();
  const aclrtStream stream = new_stream(), other = new_stream();
  Diary diary;
  Diary::Entry entry{&diary, 1};
  ck_assert_int_eq(control().hold_stream(other), 0);
  ck_assert_int_eq(launch(other, entry), 0);
  auto waiting = std::async(std::launch::async, [&] {
    set_device();
    return acl().SynchronizeStream(other);
  });
  ck_assert_int_eq(control().kill_stream(stream), 0);
  ck_assert_int_eq(waiting.get(), kAclRtInternal);
  for (const aclrtStream broken : {stream, other}) {
    ck_assert_int_eq(acl().SynchronizeStream(broken), kAclRtInternal);
    ck_assert_int_eq(launch(broken, entry), kAclRtInternal);
    ck_assert_int_eq(control().release_stream(broken), 0);
    ck_assert_int_eq(acl().DestroyStream(broken), 0);
  }
  aclrtStream none = nullptr;
  ck_assert_int_eq(acl().CreateStream(&none), kAclRtInternal);

  ck_assert_int_eq(acl().SetDevice(1), 0);
  const aclrtStream sound = new_stream();
  Diary::Entry last{&diary, 2};
  ck_assert_int_eq(launch(sound, last), 0);
  ck_assert_int_eq(acl().SynchronizeStream(sound), 0);
  ck_assert(diary.numbers() == std::vector<int>{2});
}
END_TEST

START_TEST(orders_need_a_live_stream) {
  set_device();
  const aclrtStream dead = new_stream();
  ck_assert_int_eq(acl().DestroyStream(dead), 0);
  ck_assert_int_eq(control().hold_stream(dead), kAclRtInvalidHandle);
  ck_assert_int_eq(control().release_stream(dead), kAclRtInvalidHandle);
  ck_assert_int_eq(control().kill_stream(dead), kAclRtInvalidHandle);
}
END_TEST

START_TEST(the_runtime_does_not_survive_fork) {
  set_device();
  const aclrtStream stream = new_stream();
  ck_assert_int_eq(run_in_child([&] {
                     aclrtContext context = nullptr;
                     const bool all_fail =
                         acl().SynchronizeStream(stream) == kAclRtInternal &&
                         acl().SetDevice(0) == kAclRtInternal &&
                         acl().LaunchHostFunc(stream, nothing, nullptr) ==
                             kAclRtInternal &&
                         acl().GetCurrentContext(&context) == kAclRtInternal &&
                         acl().Init(nullptr) == kAclRtInternal;
                     return all_fail ? 0 : 1;
                   }),
                   0);
  ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
}
END_TEST

START_TEST(a_child_may_be_the_first_to_use_the_runtime) {
  std::int32_t device = -1;
  ck_assert_int_eq(acl().GetDevice(&device), kAclRtNoContext);
  ck_assert_int_eq(run_in_child([] {
                     aclrtStream stream = nullptr;
                     const bool all_work =
                         acl().SetDevice(0) == 0 &&
                         acl().CreateStream(&stream) == 0 &&
                         acl().LaunchHostFunc(stream, nothing, nullptr) == 0 &&
                         acl().SynchronizeStream(stream) == 0;
                     return all_work ? 0 : 1;
                   }),
                   0);
}
END_TEST

START_TEST(threads_use_it_at_once) {
  set_device();
  std::atomic<long> ran{0};
  const auto count = [](void* data) {
    ++*static_cast<std::atomic<long>*>(data);
  };
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number)
    threads.emplace_back([&] {
      set_device();
      for (int round = 0; round < 50; ++round) {
        const aclrtStream stream = new_stream();
        for (int task = 0; task < 10; ++task)
          ck_assert_int_eq(acl().LaunchHostFunc(stream, count, &ran), 0);
        ck_assert_int_eq(acl().SynchronizeStream(stream), 0);
        ck_assert_int_eq(acl().DestroyStream(stream), 0);
      }
    });
  for (std::thread& thread : threads) thread.join();
  ck_assert_int_eq(ran, 4 * 50 * 10);
  ck_assert_int_eq(control().count(kAclLiveStreams), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("the double of the Ascend runtime");

  TCase* devices = tcase_create("devices and contexts");
  tcase_add_test(devices, init_counts);
  tcase_add_test(devices, older_init_refuses_to_be_repeated);
  tcase_add_test(devices, there_are_two_devices);
  tcase_add_test(devices, a_device_is_the_threads_that_set_it);
  tcase_add_test(devices, a_device_is_in_use_until_the_last_reset);
  tcase_add_test(devices, the_kernel_hears_of_the_first_and_the_last);
  tcase_add_test(devices, memory_has_sizes);
  tcase_add_test(devices, contexts_are_made_and_chosen);
  tcase_add_test(devices, a_destroyed_context_is_nobodys_current);
  suite_add_tcase(suite, devices);

  TCase* streams = tcase_create("streams");
  tcase_add_loop_test(streams, a_stream_is_known_by_its_handle, 0,
                      kCallsOnStreamCount);
  tcase_add_loop_test(streams, a_stream_is_its_contexts, 0,
                      kCallsOnStreamCount);
  tcase_add_test(streams, streams_have_ids_of_their_own);
  tcase_add_test(streams, host_functions_run_in_order);
  tcase_add_test(streams, a_context_has_one_thread_for_host_functions);
  tcase_add_test(streams, a_stream_waits_for_its_host_function);
  tcase_add_test(streams, wrong_arguments_are_refused);
  tcase_add_test(streams, a_destroyed_stream_drops_what_is_queued);
  tcase_add_test(streams, a_destroyed_stream_drops_what_waits_for_the_thread);
  tcase_add_test(streams, handles_come_back_only_when_asked);
  tcase_add_test(streams, threads_use_it_at_once);
  suite_add_tcase(suite, streams);

  TCase* callbacks = tcase_create("callbacks");
  tcase_add_test(callbacks, a_callback_needs_a_subscribed_thread);
  tcase_add_test(callbacks, a_callback_runs_in_the_subscribed_thread);
  tcase_add_test(callbacks, only_a_blocking_callback_holds_the_stream);
  tcase_add_test(callbacks, a_thread_waits_for_callbacks_in_vain);
  tcase_add_loop_test(callbacks, subscriptions_have_codes, 0, 2);
  tcase_add_test(callbacks, a_thread_serves_streams_of_one_device);
  tcase_add_test(callbacks, mixing_is_misuse);
  tcase_add_test(callbacks, unsubscribing_comes_before_destroying);
  tcase_add_test(callbacks, unsubscribing_drops_callbacks);
  tcase_add_test(callbacks, a_function_may_not_use_the_runtime);
  suite_add_tcase(suite, callbacks);

  TCase* faults = tcase_create("faults");
  tcase_add_test(faults, failures_are_told_in_words);
  tcase_add_test(faults, launches_fail_as_ordered);
  tcase_add_test(faults, other_calls_fail_as_ordered);
  tcase_add_test(faults, functions_are_swallowed_as_ordered);
  tcase_add_test(faults, a_held_stream_queues);
  tcase_add_test(faults, a_killed_stream_breaks_its_context);
  tcase_add_test(faults, orders_need_a_live_stream);
  tcase_add_test(faults, the_runtime_does_not_survive_fork);
  tcase_add_test(faults, a_child_may_be_the_first_to_use_the_runtime);
  suite_add_tcase(suite, faults);
  return suite;
}
