// SPDX-License-Identifier: MulanPSL-2.0
// A context, and the one thread on which all its host functions run.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_CONTEXT_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_CONTEXT_H

#include <cstdint>
#include <memory>

#include "acl.h"
#include "task.h"

namespace acl_double {

struct Context {
  aclrtContext handle = nullptr;
  std::int32_t device = 0;
  bool is_broken = false;
  bool is_destroyed = false;
  bool has_callback_thread = false;
  Mailbox host_functions;
};

std::shared_ptr<Context> new_context(std::int32_t device);

void throw_if_broken(const Context& context);
void break_context(Context& context);

// Started by its first use.
Mailbox& callback_thread(const std::shared_ptr<Context>& context);
void end_callback_thread(Context& context);

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_CONTEXT_H
