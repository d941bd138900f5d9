// SPDX-License-Identifier: MulanPSL-2.0
#include "failure.h"

#include <unistd.h>

#include <cstdio>

#include "runtime.h"

namespace {

// Not a string: it would be gone in the destructors that run after its own.
thread_local char recent_words[256];

}  // namespace

namespace acl_double {

aclError note_failure(const char* call, const Failure& failure) {
  std::snprintf(recent_words, sizeof recent_words, "%s: %s (%d)", call,
                failure.words, failure.code);
  return failure.code;
}

void throw_in_forked_child() {
  const pid_t owner = owning_process();
  if (owner != 0 && owner != getpid())
    throw Failure{kAclRtInternal, "the runtime does not survive fork"};
}

}  // namespace acl_double

const char* aclGetRecentErrMsg() {
  return recent_words[0] ? recent_words : nullptr;
}
