// SPDX-License-Identifier: MulanPSL-2.0
#include "task.h"

#include <unistd.h>

#include "runtime.h"

namespace acl_double {
namespace {

thread_local bool within_function = false;

void call_function(Lock& lock, const Task& task) {
  runtime().record.last_function_thread = gettid();
  lock.unlock();
  within_function = true;
  task.function(task.data);
  within_function = false;
  lock.lock();
  ++runtime().record.functions_run;
}

}  // namespace

bool is_within_function() { return within_function; }

void post(Mailbox& mailbox, const std::shared_ptr<Turn>& turn) {
  mailbox.turns.push_back(turn);
  mailbox.arrived.notify_all();
}

bool take_turn(Lock& lock, Mailbox& mailbox) {
  const std::shared_ptr<Turn> turn = mailbox.turns.front();
  mailbox.turns.pop_front();
  const bool runs = !has_stopped(*turn->stream);
  if (runs) call_function(lock, turn->task);
  turn->over = true;
  turn->stream->changed.notify_all();
  return runs;
}

}  // namespace acl_double
