// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/streams.h"

#include <errno.h>
#include <pthread.h>

#include <cstdint>
#include <utility>

#include "ascend/report_threads.h"
#include "ascend/runtime.h"
#include "ascend/stream_context.h"
#include "core/error_text.h"
#include "core/fork_parts.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/no_cancel.h"
#include "core/task_error.h"

namespace gmem::ascend {
namespace {

StreamTable table;
Device* serving_device = nullptr;

void keep_error(Stream& stream, const Task& task, Error error) {
  count_error(task);
  if (stream.first_error == 0) stream.first_error = error;
}

void log_failure(const char* what, Error error) {
  log(LogLevel::kWarn, "%s: %s", what, error_text(error));
}

void log_refusal(const char* what, AclError code) {
  const char* text = nullptr;
  if (runtime()->recent_error != nullptr) text = runtime()->recent_error();
  log(LogLevel::kWarn, "the Ascend runtime: %s: code %d: %s", what, code,
      text != nullptr ? text : "no text");
}

// The runtime calls this when it is the task's turn, on a thread of its own or
// one that serves reports, which may be the program's.
void run_ticket(Ticket ticket) {
  const NoCancel no_cancel;
  Task task = {Task::Kind::kPrefetch, Hnid::kAny, *ByteRange::from(0, 0)};
  {
    const Lock lock(table.mutex());
    PendingTask* const pending = table.find_task(ticket);
    if (pending == nullptr) return;
    pending->running = true;
    task = pending->task;
  }
  const Error error = run_task(*serving_device, task);
  if (error != 0) log_failure("a queued operation failed", error);
  const Lock lock(table.mutex());
  PendingTask* const pending = table.find_task(ticket);
  if (pending == nullptr) return;
  Stream& stream = *pending->stream;
  if (error != 0) keep_error(stream, task, error);
  table.remove_task(*pending);
  table.release_if_idle(stream);
}

// Tasks up to a number, for which the runtime will not call any more.
void give_up_tasks(Stream& stream, std::uint64_t last) {
  PendingTask* next = nullptr;
  for (PendingTask* task = stream.tasks; task != nullptr; task = next) {
    next = task->next;
    if (task->running || task->number == 0 || task->number > last) continue;
    keep_error(stream, task->task, -EIO);
    table.remove_task(*task);
  }
}

AclError launch_callback(StreamHandle stream, Ticket ticket) {
  constexpr int kBlocksTheStream = 1;
  return runtime()->launch_callback(run_ticket, ticket, kBlocksTheStream,
                                    stream);
}

// Has the runtime call run_ticket in the stream's order.  -ENOSYS: it can call
// nobody.
Error launch(StreamHandle stream, Ticket ticket) {
  AclError code = acl::kNotSupported;
  if (runtime()->launch_host_function != nullptr)
    code = runtime()->launch_host_function(stream, run_ticket, ticket);
  if (code == acl::kNotSupported && runtime()->launch_callback != nullptr) {
    const SubscriptionLock lock;
    if (const Error error = subscribe(stream)) return error;
    code = launch_callback(stream, ticket);
    if (code == acl::kNoReporter) {
      // A new stream, where the one was that we had subscribed to.
      unsubscribe(stream);
      if (const Error error = subscribe(stream)) return error;
      code = launch_callback(stream, ticket);
    }
  }
  if (code != acl::kSuccess && code != acl::kNotSupported)
    log_refusal("a task was not taken", code);
  return from_acl(code);
}

// What the table knows of a stream, at one moment.
struct Known {
  void* context = nullptr;
  bool ours = false;
};

Known known(StreamHandle handle) {
  const Lock lock(table.mutex());
  const Stream* const stream = table.find(handle);
  if (stream == nullptr) return {};
  return {stream->context, stream->ours};
}

// For a runtime that calls nobody: the stream is waited for, and the task
// done on the spot.
Error run_after_stream(StreamHandle handle, const Task& task) {
  const AclError code = runtime()->synchronize_stream(handle);
  if (code != acl::kSuccess) return from_acl(code);
  const Error error = run_task(*serving_device, task);
  if (error == 0) return 0;
  log_failure("a queued operation failed", error);
  const Lock lock(table.mutex());
  Stream* const stream = table.obtain(handle);
  if (stream == nullptr) return error;
  keep_error(*stream, task, error);
  return 0;
}

// Queues the task.  -ENOSYS: the runtime can call nobody.
Error hand_over(StreamHandle handle, const Task& task) {
  Ticket ticket = nullptr;
  {
    const Lock lock(table.mutex());
    Stream* const stream = table.obtain(handle);
    if (stream == nullptr) return -EAGAIN;
    const PendingTask* const pending = table.add_task(*stream, task);
    if (pending == nullptr) return -ENOMEM;
    ticket = StreamTable::ticket_of(*pending);
  }
  const Error error = launch(handle, ticket);
  const Lock lock(table.mutex());
  PendingTask* const pending = table.find_task(ticket);
  if (pending == nullptr) return error;
  if (error == 0) {
    table.number_task(*pending);
    return 0;
  }
  Stream& stream = *pending->stream;
  table.remove_task(*pending);
  table.release_if_idle(stream);
  return error;
}

// Of what the runtime says of a stream, what the streams' own calls may return.
Error as_promised(Error error) {
  return error == -EPERM || error == -ENOSYS ? -EIO : error;
}

// What came of waiting: an error of the runtime's, and the first of a task.
struct Waited {
  Error runtime = 0;
  Error task = 0;
  Error first() const { return task != 0 ? task : as_promised(runtime); }
  // The runtime does not know the stream, or not on this thread.
  bool refused() const { return runtime != 0 && runtime != -EIO; }
};

Waited wait_for(StreamHandle handle) {
  std::uint64_t last = 0;
  {
    const Lock lock(table.mutex());
    last = table.last_number();
  }
  const AclError code = runtime()->synchronize_stream(handle);
  Waited waited;
  waited.runtime = from_acl(code);
  if (code != acl::kSuccess) log_refusal("a stream cannot be waited for", code);
  if (waited.refused()) return waited;
  const Lock lock(table.mutex());
  Stream* const stream = table.find(handle);
  if (stream == nullptr) return waited;
  // After an error of its own the stream is dead; after none, all is done.
  give_up_tasks(*stream, last);
  waited.task = std::exchange(stream->first_error, 0);
  table.release_if_idle(*stream);
  return waited;
}

void forget(StreamHandle handle) {
  const SubscriptionLock subscription_lock;
  unsubscribe(handle);
  const Lock lock(table.mutex());
  if (Stream* const stream = table.find(handle)) table.remove(*stream);
}

bool before_fork(int) { return pthread_mutex_lock(&table.mutex()) == 0; }
void after_fork_in_parent() { pthread_mutex_unlock(&table.mutex()); }
void after_fork_in_child() {
  table.reset_in_child();
  forget_report_threads();
}

constexpr ForkPart kForkPart = {before_fork, after_fork_in_parent,
                                after_fork_in_child};
[[GMEM_FORK_PART]] void follow_forks() {
  take_part_in_forks(ForkPlace::kDeviceStreams, kForkPart);
}

}  // namespace

StreamTable& stream_table() { return table; }

void serve_streams_of(Device& device) { serving_device = &device; }

Error stream_create(StreamHandle* handle) {
  void* context = nullptr;
  AclError code = runtime()->get_current_context(&context);
  if (code == acl::kSuccess) code = runtime()->create_stream(handle);
  if (code != acl::kSuccess) {
    log_refusal("no stream", code);
    return as_promised(from_acl(code));
  }
  // What is left of one that was here before, if the program destroyed it
  // without a word.
  forget(*handle);
  {
    const Lock lock(table.mutex());
    if (Stream* const stream = table.obtain(*handle)) {
      stream->ours = true;
      stream->context = context;
      return 0;
    }
  }
  runtime()->destroy_stream(*handle);
  return -EAGAIN;
}

Error stream_synchronize(StreamHandle handle) {
  const StreamContext context(known(handle).context);
  const Waited waited = wait_for(handle);
  if (!waited.refused()) await_unsubscription(handle);
  return waited.first();
}

Error stream_destroy(StreamHandle handle) {
  const bool ours = known(handle).ours;
  const StreamContext context(known(handle).context);
  if (!is_live_stream(handle)) return -EINVAL;
  const Waited waited = wait_for(handle);
  if (waited.refused() && !ours) return waited.first();
  // Before another thread's new stream can have the handle.
  forget(handle);
  const AclError code = runtime()->destroy_stream(handle);
  return waited.first() != 0 ? waited.first() : as_promised(from_acl(code));
}

bool is_live_stream(StreamHandle handle) {
  if (known(handle).ours) return true;
  // Older runtimes cannot be asked; launching will tell.
  int32_t id = 0;
  return runtime()->stream_id == nullptr ||
         runtime()->stream_id(handle, &id) == acl::kSuccess;
}

Error enqueue(StreamHandle handle, const Task& task) {
  const StreamContext context(known(handle).context);
  const Error error = hand_over(handle, task);
  return error == -ENOSYS ? run_after_stream(handle, task) : error;
}

}  // namespace gmem::ascend
