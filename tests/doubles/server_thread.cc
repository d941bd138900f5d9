// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/server_thread.h"

#include <sched.h>

#include <cstddef>

namespace gmem_kernel {
namespace {

constexpr std::size_t kStackSize = std::size_t{64} << 10;
alignas(64) char stack[kStackSize];

// As much of a thread's control block as compiled code looks at: on x86_64
// it begins with its own address, and holds the stack protector's word.
alignas(64) void* thread_block[64];
void** const thread_pointer = thread_block + 32;

}  // namespace

bool start_server_thread(int (*body)(void*)) {
  thread_pointer[0] = thread_pointer;
  thread_pointer[2] = thread_pointer;
  return clone(body, stack + kStackSize,
               CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                   CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS,
               nullptr, nullptr, thread_pointer, nullptr) > 0;
}

}  // namespace gmem_kernel
