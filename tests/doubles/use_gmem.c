/* SPDX-License-Identifier: MulanPSL-2.0 */
/* A program that knows nothing of the double: prints the node of the device,
 * prefetches what malloc'd text describes, and forks a child that does the
 * same. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct hnid_argument {
  int *hnid;
};
struct madvise_argument {
  int hnid;
  unsigned long start;
  size_t size;
  int behavior;
};

static const size_t page = (size_t)2 << 20;

static int prefetch(int fd, int hnid, char *start, size_t size) {
  struct madvise_argument argument = {hnid, (unsigned long)start, size, 0x1000};
  int result = ioctl(fd, 0x40205502, &argument);
  return result == -1 ? -errno : result;
}

static int work(int fd, int hnid, int flag) {
  char *data = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | flag, -1, 0);
  if (data == MAP_FAILED) return errno;
  memset(data, 7, 2 * page);
  int result = prefetch(fd, hnid, data, 2 * page);
  char *kept = malloc(2 * page);
  if (kept == NULL) return ENOMEM;
  memcpy(kept, data, 2 * page);
  for (size_t at = 0; at < 2 * page; ++at)
    if (kept[at] != 7) result = EIO;
  free(kept);
  munmap(data, 2 * page);
  return result;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  int fd = open("/dev/gmem", O_RDWR | O_CLOEXEC);
  if (fd == -1) {
    printf("open: %d\n", errno);
    return 0;
  }
  int hnid = -1;
  struct hnid_argument argument = {&hnid};
  if (ioctl(fd, 0x40085501, &argument) == -1) {
    printf("hnid: %d\n", -errno);
    return 0;
  }
  int flag = (int)strtol(argv[1], NULL, 0);
  printf("hnid: %d, prefetch: %d", hnid, work(fd, hnid, flag));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(work(fd, hnid, flag));
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 1;
  printf(", child: %d\n",
         WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
  return 0;
}
