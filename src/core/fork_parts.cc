// SPDX-License-Identifier: MulanPSL-2.0
#include "core/fork_parts.h"

#include <pthread.h>
#include <time.h>

#include "core/block_signals.h"

namespace gmem {
namespace {

// In milliseconds; it doubles with each attempt, for what is held long.
constexpr int kFirstWait = 50, kLongestWait = 10000;

// Between two attempts, so that others come to the locks.
constexpr timespec kPause = {0, 1000000};

const ForkPart* parts[kForkPlaces];
Error registration = 0;

void resume_parent_from(int place) {
  while (place-- > 0)
    if (parts[place] != nullptr) parts[place]->resume_parent();
}

// A handler that forks between the taking of a mutex and the moment when that knows
// who has it would wait for its own thread; so it would amid giving back.
bool prepare_all(int wait) {
  const BlockSignals block_signals;
  for (int place = 0; place < kForkPlaces; ++place)
    if (parts[place] != nullptr && !parts[place]->prepare(wait)) {
      resume_parent_from(place);
      return false;
    }
  return true;
}

void prepare() {
  for (int wait = kFirstWait; !prepare_all(wait);
       wait = wait < kLongestWait ? 2 * wait : wait)
    nanosleep(&kPause, nullptr);
}

void resume_parent() {
  const BlockSignals block_signals;
  resume_parent_from(kForkPlaces);
}

void resume_child() {
  const BlockSignals block_signals;
  for (int place = kForkPlaces; place-- > 0;)
    if (parts[place] != nullptr) parts[place]->resume_child();
}

// When all parts are there: a fork amid their registration would give back what it
// has not taken.
[[gnu::constructor]] void hear_of_forks() {
  registration = -pthread_atfork(prepare, resume_parent, resume_child);
}

}  // namespace

void take_part_in_forks(ForkPlace place, const ForkPart& part) {
  parts[static_cast<int>(place)] = &part;
}

Error forks_are_heard_of() { return registration; }

}  // namespace gmem
