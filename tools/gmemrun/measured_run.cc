// SPDX-License-Identifier: MulanPSL-2.0
#include "measured_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace gmemrun {
namespace {

constexpr int kForwarded[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                              SIGUSR1, SIGUSR2, SIGALRM, SIGCONT};

double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Signals wait in the queue until wait_for() takes them, so none is lost
// between fork and wait.  The child gets back what was there before.
class SignalQueue {
 public:
  SignalQueue() {
    sigemptyset(&taken_);
    for (const int signal : kForwarded) sigaddset(&taken_, signal);
    sigaddset(&taken_, SIGCHLD);
    sigprocmask(SIG_BLOCK, &taken_, &old_mask_);
    // An inherited SIG_IGN would let the child's status vanish.
    struct sigaction heard = {};
    heard.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &heard, &old_child_action_);
  }
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  void restore() const {
    sigaction(SIGCHLD, &old_child_action_, nullptr);
    sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
  }

  siginfo_t next() const {
    siginfo_t info;
    while (sigwaitinfo(&taken_, &info) < 0) {
    }
    return info;
  }

 private:
  sigset_t taken_;
  sigset_t old_mask_;
  struct sigaction old_child_action_;
};

void wait_for(pid_t child, const SignalQueue& signals, Outcome& outcome) {
  for (;;) {
    const siginfo_t info = signals.next();
    if (info.si_signo == SIGCHLD) {
      if (wait4(child, &outcome.wait_status, WNOHANG, &outcome.usage) == child)
        return;
    } else if (info.si_code <= 0) {
      // From kill and its like.  What the terminal sends, the kernel sends
      // to the child too.
      kill(child, info.si_signo);
    }
  }
}

}  // namespace

Outcome run_measured(char** command) {
  Outcome outcome;
  int exec_failed[2];  // closed by a successful exec, else carries its errno
  if (pipe2(exec_failed, O_CLOEXEC) != 0) {
    outcome.start_error = errno;
    return outcome;
  }

  const SignalQueue signals;
  const double start = now();
  outcome.pid = fork();
  if (outcome.pid == 0) {
    signals.restore();
    execvp(command[0], command);
    const int error = errno;
    const ssize_t sent = write(exec_failed[1], &error, sizeof error);
    _exit(sent == sizeof error ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  if (outcome.pid < 0) outcome.start_error = errno;
  close(exec_failed[1]);

  int error = 0;
  if (read(exec_failed[0], &error, sizeof error) == sizeof error)
    outcome.start_error = error;
  close(exec_failed[0]);

  if (outcome.pid > 0) wait_for(outcome.pid, signals, outcome);
  outcome.wall_seconds = now() - start;
  signals.restore();
  // What is said from here on may find no reader and no room: that must not
  // take the place of the command's end.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  return outcome;
}

void leave_like(const Outcome& outcome) {
  if (!WIFSIGNALED(outcome.wait_status)) exit(WEXITSTATUS(outcome.wait_status));

  const int by = WTERMSIG(outcome.wait_status);
  fflush(nullptr);
  prctl(PR_SET_DUMPABLE, 0);  // the core that matters is the command's
  signal(by, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, by);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  raise(by);
  exit(128 + by);
}

}  // namespace gmemrun
