/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A parent and its child prefetch the same 120 MiB, which fork has them share;
 * run where there is room for one copy.  Exits with 0 where the child is told
 * that there is no room, and nobody is killed.
 */
#include <errno.h>
#include <libgmem.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t kSize = (size_t)120 << 20;

static int prefetch(const char *memory) {
  return gmemPrefetch((unsigned long)memory, kSize, 0, NULL);
}

static int child_exits_with(int expected, char *memory) {
  int status = 0;
  const pid_t child = fork();
  if (child == 0) _exit(-prefetch(memory));
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == expected) return 1;
  printf("child: status 0x%x\n", status);
  return 0;
}

int main(void) {
  char *const memory = mmap(NULL, kSize, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || prefetch(memory) != 0) return 2;
  if (!child_exits_with(ENOMEM, memory)) return 1;
  /* Its own again, and resident: needs no room. */
  if (prefetch(memory) != 0) return 1;
  /* What is only read is not copied. */
  mprotect(memory, kSize, PROT_READ);
  return !child_exits_with(0, memory);
}
