// SPDX-License-Identifier: MulanPSL-2.0
// What Docker's default seccomp profile forbids of the system calls that
// place memory, for a piece of a test.
#ifndef GMEM_TESTS_CONTRACT_CONTAINER_FILTER_H
#define GMEM_TESTS_CONTRACT_CONTAINER_FILTER_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace contract {

// By whether the container was given CAP_SYS_NICE.
enum class Container { kPlain, kWithSysNice };

inline void forbid(const std::vector<unsigned>& calls) {
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const unsigned call : calls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    program.push_back(
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | unsigned{EPERM}));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter = {static_cast<unsigned short>(program.size()),
                             program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    throw std::runtime_error("no filter can be set");
}

// Runs body on a thread that is held to the profile, as are the threads that
// it starts; the test's own thread is not, and can look at what came of it.
template <typename Body>
void in_container(Container container, const Body& body) {
  std::vector<unsigned> calls = {SYS_move_pages, SYS_migrate_pages};
  if (container == Container::kPlain)
    calls.insert(calls.end(),
                 {SYS_mbind, SYS_set_mempolicy, SYS_get_mempolicy});
  std::thread([&] {
    forbid(calls);
    body();
  }).join();
}

}  // namespace contract

#endif  // GMEM_TESTS_CONTRACT_CONTAINER_FILTER_H
