// SPDX-License-Identifier: MulanPSL-2.0
#include "runtime.h"

#include <unistd.h>

#include <atomic>
#include <vector>

#include "failure.h"
#include "task.h"

namespace acl_double {
namespace {

std::atomic<pid_t> owner{0};
thread_local aclrtContext current = nullptr;

}  // namespace

Runtime& runtime() {
  static Runtime& the_runtime = *new Runtime;
  return the_runtime;
}

pid_t owning_process() { return owner.load(); }

void own_process() { owner.store(getpid()); }

void note_misuse(const char* words) {
  ++runtime().record.misuses;
  runtime().record.last_misuse = words;
}

void throw_within_function() {
  if (!is_within_function()) return;
  note_misuse("a function on a stream used the runtime");
  throw Failure{kAclInternal, "called by a function on a stream"};
}

std::shared_ptr<Context> current_context() {
  const auto found = runtime().contexts.find(current);
  if (found == runtime().contexts.end())
    throw Failure{kAclRtNoContext, "this thread has no current context"};
  return found->second;
}

void set_current_context(aclrtContext context) { current = context; }

std::shared_ptr<Stream> own_stream(aclrtStream handle) {
  require(handle, "the stream is null");
  const auto found = runtime().streams.find(handle);
  if (found == runtime().streams.end())
    throw Failure{kAclRtInvalidHandle, "the stream is not live"};
  if (found->second->context != current_context())
    throw Failure{kAclRtStreamContext, "the stream is another context's"};
  return found->second;
}

std::shared_ptr<Stream> working_stream(aclrtStream handle) {
  std::shared_ptr<Stream> stream = own_stream(handle);
  throw_if_broken(*stream->context);
  return stream;
}

void destroy_stream(const std::shared_ptr<Stream>& stream) {
  if (stream->subscriber) {
    note_misuse("a stream was destroyed before its thread was unsubscribed");
    unsubscribe(*stream);
  }
  runtime().streams.erase(stream->handle);
  runtime().last_destroyed_stream = stream->handle;
  stop(*stream);
}

void destroy_context(const std::shared_ptr<Context>& context) {
  std::vector<std::shared_ptr<Stream>> streams;
  for (const auto& [handle, stream] : runtime().streams)
    if (stream->context == context) streams.push_back(stream);
  for (const auto& stream : streams) destroy_stream(stream);
  runtime().contexts.erase(context->handle);
  end_callback_thread(*context);
}

}  // namespace acl_double
