// SPDX-License-Identifier: MulanPSL-2.0
// Callbacks: run by a thread of the program's that is subscribed to the
// stream, within aclrtProcessReport.
#include <pthread.h>

#include <chrono>
#include <optional>

#include "launch.h"

namespace {

using namespace acl_double;
using Clock = std::chrono::steady_clock;

aclError either(aclError code, aclError rt_code) {
  return runtime().orders.use_rt_codes ? rt_code : code;
}

// By the calling thread, until the time is over.
bool wait_for_turn(Lock& lock, Mailbox& mailbox,
                   const std::optional<Clock::time_point>& end) {
  const auto has_turn = [&] { return !mailbox.turns.empty(); };
  if (end) return mailbox.arrived.wait_until(lock, *end, has_turn);
  mailbox.arrived.wait(lock, has_turn);
  return true;
}

std::shared_ptr<Subscriber> calling_subscriber() {
  const auto thread = static_cast<std::uint64_t>(pthread_self());
  const auto found = runtime().subscribers.find(thread);
  if (found == runtime().subscribers.end())
    throw Failure{either(kAclThreadNotSubscribed, kAclRtSubscribeThread),
                  "this thread is subscribed to no stream"};
  return found->second;
}

}  // namespace

aclError aclrtLaunchCallback(aclrtFunction function, void* data, int block_type,
                             aclrtStream handle) {
  return call("aclrtLaunchCallback", [&] {
    require(function, "the function is null");
    if (block_type != kAclNoBlock && block_type != kAclBlock)
      throw Failure{kAclRtParam, "there is no such block type"};
    const Lock lock;
    throw_within_function();
    const std::shared_ptr<Stream> stream = working_stream(handle);
    throw_as_ordered();
    if (!stream->subscriber)
      throw Failure{kAclRtNoCallbackThread,
                    "no thread is subscribed to the stream"};
    stream->had_callbacks = true;
    note_mixing(*stream);
    queue(*stream,
          {Task::Kind::kCallback, function, data, block_type == kAclBlock});
  });
}

aclError aclrtSubscribeReport(std::uint64_t thread, aclrtStream handle) {
  return call("aclrtSubscribeReport", [&] {
    const Lock lock;
    throw_within_function();
    const std::shared_ptr<Stream> stream = own_stream(handle);
    if (stream->subscriber)
      throw Failure{either(kAclRepeatSubscribe, kAclRtSubscribeStream),
                    "a thread is already subscribed to the stream"};
    subscribe(stream, thread);
    stream->had_callbacks = true;
    note_mixing(*stream);
  });
}

aclError aclrtUnSubscribeReport(std::uint64_t thread, aclrtStream handle) {
  return call("aclrtUnSubscribeReport", [&] {
    const Lock lock;
    throw_within_function();
    const std::shared_ptr<Stream> stream = own_stream(handle);
    if (!stream->subscriber)
      throw Failure{either(kAclStreamNotSubscribed, kAclRtSubscribeStream),
                    "no thread is subscribed to the stream"};
    if (stream->subscriber->thread != thread)
      throw Failure{either(kAclThreadNotSubscribed, kAclRtSubscribeThread),
                    "another thread is subscribed to the stream"};
    unsubscribe(*stream);
  });
}

aclError aclrtProcessReport(std::int32_t milliseconds) {
  return call("aclrtProcessReport", [&] {
    if (milliseconds < -1 || milliseconds == 0)
      throw Failure{kAclRtParam, "neither -1 nor a time"};
    std::optional<Clock::time_point> end;
    if (milliseconds > 0)
      end = Clock::now() + std::chrono::milliseconds(milliseconds);
    Lock lock;
    throw_within_function();
    const std::shared_ptr<Subscriber> subscriber = calling_subscriber();
    do {
      if (!wait_for_turn(lock, subscriber->callbacks, end))
        throw Failure{either(kAclReportTimeout, kAclRtReportTimeout),
                      "no callback in time"};
    } while (!take_turn(lock, subscriber->callbacks));
  });
}
