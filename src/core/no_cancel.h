// SPDX-License-Identifier: MulanPSL-2.0
// Puts off the cancellation of the calling thread until the scope ends, so
// that no wait inside it can end with a lock held or a count wrong.
#ifndef GMEM_CORE_NO_CANCEL_H
#define GMEM_CORE_NO_CANCEL_H

#include <pthread.h>

namespace gmem {

class NoCancel {
 public:
  NoCancel() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &found_); }
  ~NoCancel() { pthread_setcancelstate(found_, nullptr); }
  NoCancel(const NoCancel&) = delete;
  NoCancel& operator=(const NoCancel&) = delete;

 private:
  int found_ = PTHREAD_CANCEL_ENABLE;
};

}  // namespace gmem

#endif  // GMEM_CORE_NO_CANCEL_H
