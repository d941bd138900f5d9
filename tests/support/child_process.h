// SPDX-License-Identifier: MulanPSL-2.0
// Runs a piece of a test in a process of its own.
#ifndef GMEM_TESTS_SUPPORT_CHILD_PROCESS_H
#define GMEM_TESTS_SUPPORT_CHILD_PROCESS_H

#include <sys/wait.h>
#include <unistd.h>

#include <exception>

// Forks; the child ends with what body returns as its exit status.  Returns
// that status, or -1 where the child ended in any other way.
template <typename Body>
int run_in_child(const Body& body) {
  const pid_t child = fork();
  if (child == -1) return -1;
  if (child == 0) {
    try {
      _exit(body());
    } catch (const std::exception&) {
      _exit(125);
    }
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif  // GMEM_TESTS_SUPPORT_CHILD_PROCESS_H
