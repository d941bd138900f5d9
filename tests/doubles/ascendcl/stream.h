// SPDX-License-Identifier: MulanPSL-2.0
// A stream: tasks in order, and a thread that stands for the device.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_STREAM_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_STREAM_H

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>

#include "acl.h"
#include "task.h"

namespace acl_double {

struct Context;
struct Subscriber;

struct Stream {
  aclrtStream handle = nullptr;
  std::int32_t id = 0;
  std::shared_ptr<Context> context;
  std::shared_ptr<Subscriber> subscriber;
  std::deque<Task> tasks;
  std::uint64_t queued = 0;
  std::uint64_t done = 0;
  bool is_held = false;
  bool is_destroyed = false;
  bool had_host_functions = false;
  bool had_callbacks = false;
  std::condition_variable changed;
};

void start_worker(const std::shared_ptr<Stream>& stream);

void queue(Stream& stream, const Task& task);

// Destroyed, or of a broken context: it will begin no task any more.
bool has_stopped(const Stream& stream);

// Drops what is queued; the worker ends when it is through with its task.
void stop(Stream& stream);

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_STREAM_H
