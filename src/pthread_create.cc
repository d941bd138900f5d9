// SPDX-License-Identifier: MulanPSL-2.0
// A program that creates a thread is told of here: it holds no lock of the C
// library's then, and is one of several threads anyway, so that the heap may
// have a thread, too.  The thread is created by whose function is next: another
// preloaded library's, or the C library's.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include <atomic>

#include "heap/idle_decay.h"

namespace {

using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*),
                       void*);

std::atomic<Create> next{nullptr};

// Also called before our constructors, by those of other libraries.
Create find_next() {
  Create found = next.load(std::memory_order_relaxed);
  if (found != nullptr) return found;
  found = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  next.store(found, std::memory_order_relaxed);
  return found;
}

[[gnu::constructor]] void find_next_early() { find_next(); }

}  // namespace

extern "C" [[gnu::visibility("default")]] int pthread_create(
    pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
    void* argument) noexcept {
  const Create create = find_next();
  if (create == nullptr) return EAGAIN;
  const int error = create(thread, attributes, start, argument);
  if (error == 0) gmem::heap::start_decay_thread();
  return error;
}
