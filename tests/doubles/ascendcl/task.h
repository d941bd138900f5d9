// SPDX-License-Identifier: MulanPSL-2.0
// What is queued on a stream, and how a thread other than the stream's own
// carries it out.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_TASK_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_TASK_H

#include <condition_variable>
#include <deque>
#include <memory>

#include "acl.h"

namespace acl_double {

class Lock;
struct Stream;

struct Task {
  enum class Kind { kHostFunction, kCallback };
  Kind kind;
  aclrtFunction function;
  void* data;
  bool holds_stream;
};

// A task whose turn on its stream has come.
struct Turn {
  std::shared_ptr<Stream> stream;
  Task task;
  bool over = false;
};

// Where a thread finds the turns that it shall carry out.
struct Mailbox {
  std::deque<std::shared_ptr<Turn>> turns;
  std::condition_variable arrived;
};

void post(Mailbox& mailbox, const std::shared_ptr<Turn>& turn);

// Takes the oldest turn, and calls its function, without the lock, if its
// stream still runs.  Says whether it did.  The mailbox is not empty.
bool take_turn(Lock& lock, Mailbox& mailbox);

// Whether the calling thread is in a function that a stream called.
bool is_within_function();

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_TASK_H
