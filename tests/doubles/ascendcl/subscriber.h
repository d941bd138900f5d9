// SPDX-License-Identifier: MulanPSL-2.0
// A thread of the program's that serves the callbacks of some streams.
#ifndef GMEM_TESTS_DOUBLES_ASCENDCL_SUBSCRIBER_H
#define GMEM_TESTS_DOUBLES_ASCENDCL_SUBSCRIBER_H

#include <cstdint>
#include <memory>

#include "task.h"

namespace acl_double {

struct Stream;

struct Subscriber {
  std::uint64_t thread = 0;
  std::int32_t device = 0;
  int streams = 0;
  Mailbox callbacks;
};

void subscribe(const std::shared_ptr<Stream>& stream, std::uint64_t thread);

// What its thread has not begun to run by then is dropped.
void unsubscribe(Stream& stream);

// Null where no thread is subscribed to the stream.
Mailbox* subscribed_mailbox(const Stream& stream);

}  // namespace acl_double

#endif  // GMEM_TESTS_DOUBLES_ASCENDCL_SUBSCRIBER_H
