// SPDX-License-Identifier: MulanPSL-2.0
// A file descriptor that is closed when its owner goes.
#ifndef GMEM_CORE_UNIQUE_FD_H
#define GMEM_CORE_UNIQUE_FD_H

#include <fcntl.h>
#include <unistd.h>

namespace gmem {

class UniqueFd {
 public:
  static UniqueFd open_to_read(const char* path) {
    return UniqueFd(::open(path, O_RDONLY | O_CLOEXEC));
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  explicit UniqueFd(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace gmem

#endif  // GMEM_CORE_UNIQUE_FD_H
