// SPDX-License-Identifier: MulanPSL-2.0
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

#include <stdexcept>

#include "doubles/front.h"
#include "doubles/gmem_abi.h"
#include "doubles/keep_sigsys.h"
#include "doubles/mappings.h"
#include "doubles/raw_calls.h"
#include "doubles/requests.h"
#include "doubles/seccomp_filter.h"
#include "doubles/user_memory.h"

namespace gmem_kernel {
namespace {

struct CaughtCall {
  long number;
  long arguments[5];

  std::uintptr_t address(int i) const {
    return static_cast<std::uintptr_t>(arguments[i]);
  }
  int number_at(int i) const { return static_cast<int>(arguments[i]); }
};

CaughtCall caught_call(const siginfo_t& info, const ucontext_t& context) {
#if defined(__x86_64__)
  const greg_t* const r = context.uc_mcontext.gregs;
  return {info.si_syscall,
          {static_cast<long>(r[REG_RDI]), static_cast<long>(r[REG_RSI]),
           static_cast<long>(r[REG_RDX]), static_cast<long>(r[REG_R10]),
           static_cast<long>(r[REG_R8])}};
#else
  const auto* const r = context.uc_mcontext.regs;
  return {info.si_syscall,
          {static_cast<long>(r[0]), static_cast<long>(r[1]),
           static_cast<long>(r[2]), static_cast<long>(r[3]),
           static_cast<long>(r[4])}};
#endif
}

void set_result(ucontext_t& context, long result) {
#if defined(__x86_64__)
  context.uc_mcontext.gregs[REG_RAX] = result;
#else
  context.uc_mcontext.regs[0] = static_cast<unsigned long long>(result);
#endif
}

long pass_on(const CaughtCall& call) {
  const long* const a = call.arguments;
  return raw_call(call.number, a[0], a[1], a[2], a[3], a[4]);
}

long answer(const CaughtCall& call) {
  switch (call.number) {
    case SYS_openat:
      return is_user_text(call.address(1), kDevicePath)
                 ? open_device(call.number_at(2))
                 : pass_on(call);
    case SYS_ioctl:
      return is_device_fd(call.number_at(0))
                 ? device_ioctl(static_cast<unsigned>(call.arguments[1]),
                                call.address(2))
                 : pass_on(call);
    case SYS_mmap:
      return map_peer_shared(call.address(0), call.address(1),
                             call.number_at(2), call.number_at(3));
    case SYS_munmap:
      return unmap(call.address(0), call.address(1));
    case SYS_mremap:
      return remap();
    default:
      return protect(call.address(0), call.address(1), call.number_at(2));
  }
}

void on_sigsys(int, siginfo_t* info, void* context) {
  const int error = errno;
  auto& interrupted = *static_cast<ucontext_t*>(context);
  set_result(interrupted, answer(caught_call(*info, interrupted)));
  errno = error;
}

long set_filter(const sock_fprog& filter) {
  return raw_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                  SECCOMP_FILTER_FLAG_TSYNC, &filter);
}

}  // namespace

void catch_system_calls(Generation generation) {
  if (!keep_sigsys(on_sigsys))
    throw std::runtime_error("SIGSYS cannot be handled");
  Program program = filter_for(generation);
  const sock_fprog filter = {static_cast<unsigned short>(program.size()),
                             program.data()};
  long set = set_filter(filter);
  if (set == -EACCES) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    set = set_filter(filter);
  }
  if (set != 0) throw std::runtime_error("no seccomp filter can be set");
}

}  // namespace gmem_kernel
