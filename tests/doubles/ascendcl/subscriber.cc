// SPDX-License-Identifier: MulanPSL-2.0
#include "subscriber.h"

#include <algorithm>

#include "failure.h"
#include "runtime.h"

namespace acl_double {
namespace {

void drop_turns(Mailbox& mailbox, const Stream& stream) {
  const auto kept = std::stable_partition(
      mailbox.turns.begin(), mailbox.turns.end(),
      [&](const auto& turn) { return turn->stream.get() != &stream; });
  if (kept == mailbox.turns.end()) return;
  note_misuse("a thread was unsubscribed with callbacks still to come");
  for (auto turn = kept; turn != mailbox.turns.end(); ++turn)
    (*turn)->over = true;
  mailbox.turns.erase(kept, mailbox.turns.end());
}

}  // namespace

void subscribe(const std::shared_ptr<Stream>& stream, std::uint64_t thread) {
  std::shared_ptr<Subscriber>& subscriber = runtime().subscribers[thread];
  if (!subscriber) {
    subscriber = std::make_shared<Subscriber>();
    subscriber->thread = thread;
    subscriber->device = stream->context->device;
  }
  if (subscriber->device != stream->context->device)
    throw Failure{kAclRtSubscribeThread,
                  "the thread serves streams of another device"};
  ++subscriber->streams;
  stream->subscriber = subscriber;
}

void unsubscribe(Stream& stream) {
  const std::shared_ptr<Subscriber> subscriber = stream.subscriber;
  stream.subscriber = nullptr;
  drop_turns(subscriber->callbacks, stream);
  stream.changed.notify_all();
  if (--subscriber->streams == 0)
    runtime().subscribers.erase(subscriber->thread);
}

Mailbox* subscribed_mailbox(const Stream& stream) {
  return stream.subscriber ? &stream.subscriber->callbacks : nullptr;
}

}  // namespace acl_double
