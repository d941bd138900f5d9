// SPDX-License-Identifier: MulanPSL-2.0
#include "core/start_thread.h"

#include <errno.h>
#include <pthread.h>

#include <cstddef>

#include "core/block_signals.h"

namespace gmem {
namespace {

// Room for the thread-local variables of a large program besides our few frames.
constexpr std::size_t kStackSize = std::size_t{256} << 10;

}  // namespace

bool start_thread(void* (*entry)(void*), void* argument, pthread_t* id) {
  const BlockSignals block_signals;
  pthread_t own_id;
  pthread_t* const thread = id != nullptr ? id : &own_id;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  const int error = pthread_create(thread, &attributes, entry, argument);
  pthread_attr_destroy(&attributes);
  // EINVAL: the program's thread-local variables do not fit on that stack.
  return error == 0 || (error == EINVAL &&
                        pthread_create(thread, nullptr, entry, argument) == 0);
}

}  // namespace gmem
