// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/user_memory.h"

#include <sys/uio.h>

#include "doubles/raw_calls.h"

namespace gmem_kernel {
namespace {

bool copy(long call, void* own, std::uintptr_t users, std::size_t size) {
  const iovec here = {own, size};
  const iovec there = {reinterpret_cast<void*>(users), size};
  const long self = raw_call(SYS_getpid);
  return raw_call6(call, self, raw_value(&here), 1, raw_value(&there), 1, 0) ==
         static_cast<long>(size);
}

}  // namespace

bool copy_from_user(void* to, std::uintptr_t from, std::size_t size) {
  return copy(SYS_process_vm_readv, to, from, size);
}

bool copy_to_user(std::uintptr_t to, const void* from, std::size_t size) {
  return copy(SYS_process_vm_writev, const_cast<void*>(from), to, size);
}

bool is_user_text(std::uintptr_t address, const char* text) {
  for (std::size_t at = 0;; ++at) {
    char byte;
    if (!copy_from_user(&byte, address + at, 1) || byte != text[at])
      return false;
    if (byte == '\0') return true;
  }
}

}  // namespace gmem_kernel
