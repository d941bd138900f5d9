// SPDX-License-Identifier: MulanPSL-2.0
// How a test tells the double of the Ascend runtime what to do, and asks it
// what happened.  The double exports these beside the runtime's own calls.
// They are for any thread, but not for a forked child.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_CONTROL_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_CONTROL_H

#include <dlfcn.h>
#include <sys/types.h>

#include <stdexcept>
#include <string>

enum AclDoubleCount {
  kAclLaunches,      // accepted, of both kinds
  kAclFunctionsRun,  // host functions and callbacks that returned
  kAclLiveStreams,
  kAclLiveContexts,
  kAclSubscriptions,  // streams that have a subscribed thread
  kAclMisuses,        // what the runtime's documentation forbids
};

extern "C" {
// The next launches fail with the code, and queue nothing.
void acl_double_fail_launches(int count, int code);
// The next call of that kind fails with the code; 0 takes it back.
void acl_double_fail_synchronize(int code);
void acl_double_fail_create_stream(int code);
// The next functions are taken off their streams but never called.
void acl_double_swallow_functions(int count);

// These three return 0, or 107017 for a stream that is not live.
// The stream begins no task until it is released.
int acl_double_hold_stream(void* stream);
int acl_double_release_stream(void* stream);
// The device gives up: the stream's whole context is broken from here on.
int acl_double_kill_stream(void* stream);

// Off at the start: versions differ in these.
void acl_double_refuse_repeated_init(int on);  // 100002, no counting
void acl_double_use_rt_codes(int on);  // 107011, 107012, 507012 for 10003x
// As malloc would: a new stream has the address of the last one destroyed.
void acl_double_reuse_handles(int on);

long acl_double_count(enum AclDoubleCount which);
// Of the last misuse, in words; null where there was none.
const char* acl_double_last_misuse(void);
// The kernel's id of the thread that ran the last function; 0 before that.
pid_t acl_double_last_function_thread(void);
}

// The same for a test that has loaded the double by name.
class AclDouble {
 public:
  explicit AclDouble(void* library = RTLD_DEFAULT) {
    find(library, "acl_double_fail_launches", fail_launches);
    find(library, "acl_double_fail_synchronize", fail_synchronize);
    find(library, "acl_double_fail_create_stream", fail_create_stream);
    find(library, "acl_double_swallow_functions", swallow_functions);
    find(library, "acl_double_hold_stream", hold_stream);
    find(library, "acl_double_release_stream", release_stream);
    find(library, "acl_double_kill_stream", kill_stream);
    find(library, "acl_double_refuse_repeated_init", refuse_repeated_init);
    find(library, "acl_double_use_rt_codes", use_rt_codes);
    find(library, "acl_double_reuse_handles", reuse_handles);
    find(library, "acl_double_count", count);
    find(library, "acl_double_last_misuse", last_misuse);
    find(library, "acl_double_last_function_thread", last_function_thread);
  }

  decltype(&acl_double_fail_launches) fail_launches;
  decltype(&acl_double_fail_synchronize) fail_synchronize;
  decltype(&acl_double_fail_create_stream) fail_create_stream;
  decltype(&acl_double_swallow_functions) swallow_functions;
  decltype(&acl_double_hold_stream) hold_stream;
  decltype(&acl_double_release_stream) release_stream;
  decltype(&acl_double_kill_stream) kill_stream;
  decltype(&acl_double_refuse_repeated_init) refuse_repeated_init;
  decltype(&acl_double_use_rt_codes) use_rt_codes;
  decltype(&acl_double_reuse_handles) reuse_handles;
  decltype(&acl_double_count) count;
  decltype(&acl_double_last_misuse) last_misuse;
  decltype(&acl_double_last_function_thread) last_function_thread;

 private:
  template <typename Function>
  static void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (!function) throw std::runtime_error(std::string("no ") + name);
  }
};

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_CONTROL_H
