/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * What programs do before they exit that stands in the way of a report:
 * sandboxed landlock|close|reuse FILE.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kSkip = 77, kDescriptors = 2048 };

/* As in linux/landlock.h of kernels that have it. */
enum { kCreateRuleset = 444, kRestrictSelf = 446 };
static const uint64_t kAllOfTheFirstKernel = (1 << 13) - 1;

/* Nothing of the file system can be opened from here on. */
static void enter_landlock(void) {
  const struct { uint64_t handled; } rules = {kAllOfTheFirstKernel};
  const long ruleset = syscall(kCreateRuleset, &rules, sizeof rules, 0);
  if (ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      syscall(kRestrictSelf, ruleset, 0) != 0)
    exit(kSkip);
  close((int)ruleset);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  if (strcmp(argv[1], "landlock") == 0) {
    enter_landlock();
    return open("/proc/self/status", O_RDONLY) < 0 ? 0 : 1;
  }
  const int file = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file < 0) return 1;
  for (int fd = 3; fd < kDescriptors; ++fd) {
    if (fd == file || fcntl(fd, F_GETFD) < 0) continue;
    if (strcmp(argv[1], "reuse") == 0)
      dup2(file, fd);
    else
      close(fd);
  }
  return 0;
}
