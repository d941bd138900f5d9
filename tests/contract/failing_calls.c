/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Every call of the library while a system call fails: failing_calls NUMBER...
 * has each of these numbers of errno as the answer of each system call that the
 * library makes, by a seccomp filter, in a process of its own.  Prints each
 * call with each error that came of it, "CALL ERROR", and what it came of;
 * "CALL died of SIGNAL" where one did not return.  Exits with 77 where no filter
 * can be set.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract/every_call.h"

static const struct {
  long number;
  const char *name;
} kSystemCalls[] = {
#define SYSTEM_CALL(name) \
  { SYS_##name, #name }
    SYSTEM_CALL(madvise),       SYSTEM_CALL(move_pages),
    SYSTEM_CALL(get_mempolicy), SYSTEM_CALL(set_mempolicy),
    SYSTEM_CALL(mbind),         SYSTEM_CALL(msync),
    SYSTEM_CALL(openat),        SYSTEM_CALL(read),
    SYSTEM_CALL(pread64),       SYSTEM_CALL(ioctl),
    SYSTEM_CALL(close),         SYSTEM_CALL(clone3),
    SYSTEM_CALL(clone),         SYSTEM_CALL(process_vm_readv),
    SYSTEM_CALL(getcpu),        SYSTEM_CALL(sched_getaffinity),
    SYSTEM_CALL(sched_yield),   SYSTEM_CALL(prctl),
    SYSTEM_CALL(mmap),          SYSTEM_CALL(munmap),
    SYSTEM_CALL(mprotect),
};
enum { kSystemCallCount = sizeof kSystemCalls / sizeof *kSystemCalls };

static int forbid(long number, int error) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog filter = {sizeof program / sizeof *program, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

/* Its exit status, or the negative number of the signal that it died of. */
static int in_child(const struct every_call *call, long number, int error) {
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    attach_device();
    if (!forbid(number, error)) _exit(255);
    _exit(-call->make());
  }
  if (child == -1 || waitpid(child, &status, 0) != child) return 255;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void try_call(const struct every_call *call, int error) {
  for (int i = 0; i < kSystemCallCount; ++i) {
    const int status = in_child(call, kSystemCalls[i].number, error);
    if (status == 255) exit(77);
    if (status < 0)
      printf("%s died of %d", call->name, -status);
    else if (status > 0)
      printf("%s %d", call->name, status);
    else
      continue;
    printf(" # of %s: %d\n", kSystemCalls[i].name, error);
  }
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 1; i < argc; ++i)
    for (size_t c = 0; c < every_call_count; ++c)
      try_call(&every_call[c], atoi(argv[i]));
  return 0;
}
