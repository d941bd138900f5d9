/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Runs a command so many times with an allocator preloaded, one after the
 * other, and writes what workload.c writes first: seconds of wall time and of
 * CPU time in all, and the peak of resident KiB of the largest process.
 *
 *   time_command COUNT LIBRARY COMMAND [ARGUMENT]...
 *
 * What the command writes is dropped; its errors are not.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/clock.h"

extern char **environ;

static _Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "time_command: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

/* The library was put into the environment, which is for the children alone. */
static void run(char **command, const posix_spawn_file_actions_t *actions) {
  pid_t child;
  int status;
  if (posix_spawnp(&child, command[0], actions, NULL, command, environ) != 0)
    fail(command[0], "cannot be started");
  if (waitpid(child, &status, 0) != child || status != 0)
    fail(command[0], "has failed");
}

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv) {
  posix_spawn_file_actions_t actions;
  struct rusage used;
  if (argc < 4) fail("usage", "time_command COUNT LIBRARY COMMAND...");
  const long count = atol(argv[1]);
  setenv("LD_PRELOAD", argv[2], 1);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  const double start = now_ns();
  for (long i = 0; i < count; ++i) run(argv + 3, &actions);
  const double end = now_ns();
  getrusage(RUSAGE_CHILDREN, &used);
  printf("%.6f %.6f %ld\n", (end - start) / 1e9,
         seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
  return EXIT_SUCCESS;
}
