// SPDX-License-Identifier: MulanPSL-2.0
#include "stream.h"

#include <pthread.h>

#include <thread>

#include "runtime.h"

namespace acl_double {
namespace {

bool is_to_be_swallowed() {
  int& left = runtime().orders.functions_to_swallow;
  if (left == 0) return false;
  --left;
  return true;
}

void carry_out(Lock& lock, const std::shared_ptr<Stream>& stream,
               const Task& task) {
  if (is_to_be_swallowed()) return;
  Mailbox* const mailbox = task.kind == Task::Kind::kHostFunction
                               ? &callback_thread(stream->context)
                               : subscribed_mailbox(*stream);
  if (!mailbox) {
    note_misuse("a callback lost its thread before its turn came");
    return;
  }
  const auto turn = std::make_shared<Turn>(Turn{stream, task});
  post(*mailbox, turn);
  if (!task.holds_stream) return;
  stream->changed.wait(lock,
                       [&] { return turn->over || has_stopped(*stream); });
}

void work(const std::shared_ptr<Stream>& stream) {
  pthread_setname_np(pthread_self(), "acl-stream");
  Lock lock;
  for (;;) {
    stream->changed.wait(lock, [&] {
      return has_stopped(*stream) ||
             (!stream->is_held && !stream->tasks.empty());
    });
    if (has_stopped(*stream)) return;
    const Task task = stream->tasks.front();
    stream->tasks.pop_front();
    carry_out(lock, stream, task);
    ++stream->done;
    stream->changed.notify_all();
  }
}

}  // namespace

void start_worker(const std::shared_ptr<Stream>& stream) {
  std::thread(work, stream).detach();
}

void queue(Stream& stream, const Task& task) {
  stream.tasks.push_back(task);
  ++stream.queued;
  ++runtime().record.launches;
  stream.changed.notify_all();
}

bool has_stopped(const Stream& stream) {
  return stream.is_destroyed || stream.context->is_broken;
}

void stop(Stream& stream) {
  stream.is_destroyed = true;
  stream.tasks.clear();
  stream.changed.notify_all();
}

}  // namespace acl_double
