// SPDX-License-Identifier: MulanPSL-2.0
#include "when_gone.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gmemrun {
namespace {

// Nobody is to wait for the end of a pipe, or for a directory to be free, on
// account of a process that they do not know.
void let_go_of_all_but(int kept) {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  for (rlim_t fd = 0; fd < limit.rlim_cur && fd < 1024; ++fd)
    if (static_cast<int>(fd) != kept) close(static_cast<int>(fd));
  if (chdir("/") != 0) return;
}

}  // namespace

RemovedWhenGone::RemovedWhenGone(const std::string& directory,
                                 const std::string& file)
    : directory_(directory), file_(file) {
  if (pipe2(alive_, O_CLOEXEC) != 0) return;
  remover_ = fork();
  if (remover_ == 0) {
    close(alive_[1]);
    wait_and_remove(alive_[0]);
  }
  close(alive_[0]);
}

RemovedWhenGone::~RemovedWhenGone() {
  if (alive_[1] >= 0) close(alive_[1]);
  if (remover_ < 0) remove();
  while (remover_ > 0 && waitpid(remover_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void RemovedWhenGone::remove() const {
  unlink(file_.c_str());
  rmdir(directory_.c_str());
}

// In a session of its own, where what ends the command's does not reach it.
void RemovedWhenGone::wait_and_remove(int alive) const {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  setsid();
  let_go_of_all_but(alive);
  char end;
  while (read(alive, &end, sizeof end) < 0 && errno == EINTR) {
  }
  remove();
  _exit(EXIT_SUCCESS);
}

}  // namespace gmemrun
