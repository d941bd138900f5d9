// SPDX-License-Identifier: MulanPSL-2.0
// Keeps fork and moves to a device apart: what lies on a device while the
// process is copied reads as zero in the child.
#ifndef GMEM_ASCEND_MOVE_LOCK_H
#define GMEM_ASCEND_MOVE_LOCK_H

namespace gmem::ascend {

// Held while pages are moved to a device, by many threads at once.  A fork's
// own thread, in handlers of the program's, passes.
class MoveLock {
 public:
  MoveLock();
  ~MoveLock();
  MoveLock(const MoveLock&) = delete;
  MoveLock& operator=(const MoveLock&) = delete;

 private:
  bool held_;
};

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_MOVE_LOCK_H
