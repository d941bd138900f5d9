// SPDX-License-Identifier: MulanPSL-2.0
// All that the double knows, under one lock.  Whatever is not said otherwise
// in these files is called with that lock held.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_RUNTIME_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_RUNTIME_H

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "acl.h"
#include "context.h"
#include "stream.h"
#include "subscriber.h"

namespace acl_double {

constexpr std::int32_t kDeviceCount = 2;

struct Device {
  int users = 0;
  std::shared_ptr<Context> default_context;
};

// What a test has asked for, in control.h.
struct Orders {
  int launches_to_fail = 0;
  aclError launch_code = 0;
  aclError synchronize_code = 0;
  aclError create_stream_code = 0;
  int functions_to_swallow = 0;
  bool refuse_repeated_init = false;
  bool use_rt_codes = false;
  bool reuse_handles = false;
};

struct Record {
  long launches = 0;
  long functions_run = 0;
  long misuses = 0;
  const char* last_misuse = nullptr;
  pid_t last_function_thread = 0;
};

struct Runtime {
  std::mutex mutex;
  std::uint64_t init_count = 0;
  bool was_finalized = false;
  std::array<Device, kDeviceCount> devices;
  std::map<aclrtContext, std::shared_ptr<Context>> contexts;
  std::map<aclrtStream, std::shared_ptr<Stream>> streams;
  std::map<std::uint64_t, std::shared_ptr<Subscriber>> subscribers;
  aclrtStream last_destroyed_stream = nullptr;
  std::int32_t next_stream_id = 1;
  Orders orders;
  Record record;
};

// Never destroyed: its threads may outlive main().
Runtime& runtime();

// Without the lock: the process in which the runtime was started, or 0.
pid_t owning_process();
void own_process();

class Lock : public std::unique_lock<std::mutex> {
 public:
  Lock() : std::unique_lock<std::mutex>(runtime().mutex) {}
};

void note_misuse(const char* words);

// Functions that a stream calls may not use most of the runtime.
void throw_within_function();

// The calling thread's; a Failure where it has none that is live.
std::shared_ptr<Context> current_context();
void set_current_context(aclrtContext context);

// A live stream of the current context, broken or not.
std::shared_ptr<Stream> own_stream(aclrtStream handle);
// The same, of a context that works.
std::shared_ptr<Stream> working_stream(aclrtStream handle);

void destroy_stream(const std::shared_ptr<Stream>& stream);
void destroy_context(const std::shared_ptr<Context>& context);

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_RUNTIME_H
