// SPDX-License-Identifier: MulanPSL-2.0
#include "context.h"

#include <pthread.h>

#include <thread>

#include "failure.h"
#include "handles.h"
#include "runtime.h"

namespace acl_double {
namespace {

void serve_host_functions(const std::shared_ptr<Context>& context) {
  pthread_setname_np(pthread_self(), "acl-callback");
  Mailbox& mailbox = context->host_functions;
  Lock lock;
  for (;;) {
    mailbox.arrived.wait(
        lock, [&] { return context->is_destroyed || !mailbox.turns.empty(); });
    if (context->is_destroyed) break;
    take_turn(lock, mailbox);
  }
  // A turn holds its stream, which holds the context: a ring.
  mailbox.turns.clear();
}

}  // namespace

std::shared_ptr<Context> new_context(std::int32_t device) {
  const auto context = std::make_shared<Context>();
  context->handle = new_handle();
  context->device = device;
  runtime().contexts.emplace(context->handle, context);
  return context;
}

void throw_if_broken(const Context& context) {
  if (context.is_broken) throw Failure{kAclRtInternal, "the context is broken"};
}

void break_context(Context& context) {
  context.is_broken = true;
  for (const auto& [handle, stream] : runtime().streams) {
    if (stream->context.get() != &context) continue;
    stream->tasks.clear();
    stream->changed.notify_all();
  }
}

Mailbox& callback_thread(const std::shared_ptr<Context>& context) {
  if (!context->has_callback_thread) {
    std::thread(serve_host_functions, context).detach();
    context->has_callback_thread = true;
  }
  return context->host_functions;
}

void end_callback_thread(Context& context) {
  context.is_destroyed = true;
  context.host_functions.arrived.notify_all();
}

}  // namespace acl_double
