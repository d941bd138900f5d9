// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/user_memory.h"

#include <errno.h>
#include <sys/uio.h>

#include "doubles/raw_calls.h"

namespace gmem_kernel {
namespace {

// By way of a pipe, which says EFAULT where it is due, too: qemu-user has not
// the call for it.
bool copy_through_pipe(const void* from, void* to, std::size_t size) {
  int ends[2];
  if (is_error(raw_call(SYS_pipe2, ends, 0))) return false;
  const long whole = raw_value(size);
  const bool copied = raw_call(SYS_write, ends[1], from, size) == whole &&
                      raw_call(SYS_read, ends[0], to, size) == whole;
  raw_call(SYS_close, ends[0]);
  raw_call(SYS_close, ends[1]);
  return copied;
}

long copy(long call, void* own, void* users, std::size_t size) {
  const iovec here = {own, size};
  const iovec there = {users, size};
  const long self = raw_call(SYS_getpid);
  return gmem_system_call(call, self, raw_value(&here), 1, raw_value(&there), 1,
                          0);
}

}  // namespace

bool copy_from_user(void* to, std::uintptr_t from, std::size_t size) {
  void* const users = reinterpret_cast<void*>(from);
  const long copied = copy(SYS_process_vm_readv, to, users, size);
  if (copied == -ENOSYS) return copy_through_pipe(users, to, size);
  return copied == raw_value(size);
}

bool copy_to_user(std::uintptr_t to, const void* from, std::size_t size) {
  void* const users = reinterpret_cast<void*>(to);
  void* const own = const_cast<void*>(from);
  const long copied = copy(SYS_process_vm_writev, own, users, size);
  if (copied == -ENOSYS) return copy_through_pipe(own, users, size);
  return copied == raw_value(size);
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
