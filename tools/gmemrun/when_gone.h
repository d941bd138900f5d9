// SPDX-License-Identifier: MulanPSL-2.0
// Removes a directory of this process's own when the process has gone, however
// it went: a process beside it sees to that, for nothing runs in one that is
// killed.
#ifndef GMEM_TOOLS_GMEMRUN_WHEN_GONE_H
#define GMEM_TOOLS_GMEMRUN_WHEN_GONE_H

#include <sys/types.h>

#include <string>

namespace gmemrun {

class RemovedWhenGone {
 public:
  // A directory that holds this file at the most.
  RemovedWhenGone(const std::string& directory, const std::string& file);
  // Returns when it is gone.
  ~RemovedWhenGone();
  RemovedWhenGone(const RemovedWhenGone&) = delete;
  RemovedWhenGone& operator=(const RemovedWhenGone&) = delete;

 private:
  void remove() const;
  [[noreturn]] void wait_and_remove(int alive) const;

  const std::string directory_;
  const std::string file_;
  int alive_[2] = {-1, -1};  // a pipe that ends with this process
  pid_t remover_ = -1;
};

}  // namespace gmemrun

#endif  // GMEM_TOOLS_GMEMRUN_WHEN_GONE_H
