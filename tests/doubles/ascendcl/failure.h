// SPDX-License-Identifier: MulanPSL-2.0
// How a call of the double fails: a code for the caller, and words for
// aclGetRecentErrMsg.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_FAILURE_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_FAILURE_H

#include <exception>
#include <new>

#include "acl.h"

namespace acl_double {

struct Failure {
  aclError code;
  const char* words;
};

template <typename Pointer>
void require(Pointer pointer, const char* words) {
  if (!pointer) throw Failure{kAclInvalidParam, words};
}

// Remembers what this thread's last failure was; returns its code.
aclError note_failure(const char* call, const Failure& failure);

// No threads come along into a child, and the lock may be held there for ever.
// So this is asked before the lock is taken.
void throw_in_forked_child();

// Carries out the body of a call.
template <typename Body>
aclError call(const char* name, Body body) {
  try {
    throw_in_forked_child();
    body();
    return kAclSuccess;
  } catch (const Failure& failure) {
    return note_failure(name, failure);
  } catch (const std::bad_alloc&) {
    return note_failure(name, {kAclBadAlloc, "out of memory"});
  } catch (const std::exception& error) {
    return note_failure(name, {kAclInternal, error.what()});
  }
}

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_FAILURE_H
