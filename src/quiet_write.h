// SPDX-License-Identifier: MulanPSL-2.0
// A write that raises no signal, whatever the file: a closed pipe's SIGPIPE,
// SIGXFSZ past the limit of a file's size, SIGTTOU of a terminal that another
// job has.
#ifndef GMEM_QUIET_WRITE_H
#define GMEM_QUIET_WRITE_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstddef>

namespace gmem {

// Whether the file took it, or has no room for it: not whether all is there.
inline bool quiet_write(int fd, const char* text, std::size_t length) {
  sigset_t raised;
  sigset_t mask;
  sigset_t pending;
  sigemptyset(&raised);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGTTOU})
    sigaddset(&raised, signal);
  pthread_sigmask(SIG_BLOCK, &raised, &mask);
  sigpending(&pending);

  const bool is_writable = write(fd, text, length) >= 0 || errno != EBADF;

  // What waited before is the program's own.
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGTTOU})
    if (sigismember(&pending, signal)) sigdelset(&raised, signal);
  const timespec at_once = {};
  while (sigtimedwait(&raised, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  return is_writable;
}

}  // namespace gmem

#endif  // GMEM_QUIET_WRITE_H
