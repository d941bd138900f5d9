// SPDX-License-Identifier: MulanPSL-2.0
#include "report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/conf.h"
#include "quiet_write.h"

namespace gmem {
namespace {

// What a descriptor referred to at the start.  A program may close it, and
// have another file under its number.
class Opened {
 public:
  void remember(int fd) {
    struct stat found;
    if (fstat(fd, &found) != 0) return;
    fd_ = fd;
    device_ = found.st_dev;
    inode_ = found.st_ino;
  }

  // A file without a name is nobody's to read.
  bool is_still_there() const {
    struct stat found;
    return fd_ >= 0 && fstat(fd_, &found) == 0 && found.st_dev == device_ &&
           found.st_ino == inode_ && (found.st_nlink != 0 || is_stderr());
  }
  int fd() const { return fd_; }

 private:
  bool is_stderr() const { return fd_ == STDERR_FILENO; }

  int fd_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

Opened opened;

bool goes_to_stderr() { return strcmp(conf().stats, "stderr") == 0; }

// A pipe that nobody reads is an error, not a wait.
int open_by_name() {
  return open(conf().stats,
              O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
              0600);
}

// Above the numbers that programs count on being given, or choose themselves.
int move_up(int fd) {
  constexpr int kOutOfTheWay = 1000;
  constexpr int kFromTheTop = 8;
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int top = static_cast<int>(
      std::min<rlim_t>(limit.rlim_cur, kOutOfTheWay + kFromTheTop));
  const int up = fcntl(fd, F_DUPFD_CLOEXEC, std::max(top - kFromTheTop, 3));
  close(fd);
  return up;
}

// Of others nothing is kept open: who reads a pipe may wait for its end.
bool is_regular_or_new(const char* name) {
  struct stat found;
  return stat(name, &found) == 0 ? S_ISREG(found.st_mode) : errno == ENOENT;
}

// Another file that stands for standard error is taken for a log, unless it is
// read as well: then it may be a file of the program's data.
bool is_log(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == O_WRONLY;
}

bool has_room(int fd) {
  pollfd asked = {fd, POLLOUT, 0};
  return poll(&asked, 1, 0) == 1 && (asked.revents & POLLOUT) != 0;
}

void write_to_stderr(const char* line, std::size_t length) {
  constexpr int kFd = STDERR_FILENO;
  if ((opened.is_still_there() || is_log(kFd)) && has_room(kFd))
    quiet_write(kFd, line, length);
}

}  // namespace

void open_report_file() {
  const char* const name = conf().stats;
  if (name[0] == '\0') return;
  if (goes_to_stderr()) return opened.remember(STDERR_FILENO);
  if (!is_regular_or_new(name)) return;
  if (const int fd = open_by_name(); fd >= 0) opened.remember(move_up(fd));
}

void write_report(const char* line, std::size_t length) {
  if (goes_to_stderr()) return write_to_stderr(line, length);
  if (opened.is_still_there() && quiet_write(opened.fd(), line, length)) return;
  const int fd = open_by_name();
  if (fd < 0) return;
  quiet_write(fd, line, length);
  close(fd);
}

}  // namespace gmem
