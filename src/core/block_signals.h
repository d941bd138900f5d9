// SPDX-License-Identifier: MulanPSL-2.0
// Blocks, for a scope, the signals that a program might handle on any of its
// threads; a thread started within the scope keeps them blocked.  Left alone
// are those that an instruction raises: the program's handler for them, say
// of a garbage collector, must see its own faults.
#ifndef GMEM_CORE_BLOCK_SIGNALS_H
#define GMEM_CORE_BLOCK_SIGNALS_H

#include <pthread.h>
#include <signal.h>

#include <initializer_list>

namespace gmem {

class BlockSignals {
 public:
  BlockSignals() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int own : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS})
      sigdelset(&blocked, own);
    pthread_sigmask(SIG_SETMASK, &blocked, &found_);
  }
  ~BlockSignals() { pthread_sigmask(SIG_SETMASK, &found_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t found_;
};

}  // namespace gmem

#endif  // GMEM_CORE_BLOCK_SIGNALS_H
