// SPDX-License-Identifier: MulanPSL-2.0
// Functions of the C library, defined anew, for systems without seccomp, as
// under qemu-user.  Until the kernel is installed they only pass calls on.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "doubles/front.h"
#include "doubles/gmem_abi.h"
#include "doubles/mappings.h"
#include "doubles/raw_calls.h"
#include "doubles/requests.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

bool is_caught;

// As the C library returns it.
long with_errno(long result) {
  if (!is_error(result)) return result;
  errno = static_cast<int>(-result);
  return -1;
}

bool is_in_window(const void* address) {
  return is_caught && in_window(reinterpret_cast<std::uintptr_t>(address));
}

long open_path(const char* path, int flags, unsigned mode) {
  const bool both_ways = (flags & O_ACCMODE) == O_RDWR;
  if (is_caught && both_ways && strcmp(path, kDevicePath) == 0)
    return open_device(flags);
  return raw_call(SYS_openat, AT_FDCWD, path, flags, mode);
}

long map(void* address, std::size_t size, int protection, int flags, int fd,
         off_t offset) {
  if (is_caught && is_peer_shared(flags))
    return map_peer_shared(reinterpret_cast<std::uintptr_t>(address), size,
                           protection, flags);
  return gmem_system_call(SYS_mmap, raw_value(address), raw_value(size),
                          protection, flags, fd, offset);
}

}  // namespace

void catch_system_calls(Generation) { is_caught = true; }

}  // namespace gmem_kernel

using namespace gmem_kernel;

#define GMEM_EXPORTED extern "C" __attribute__((visibility("default")))

GMEM_EXPORTED int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const bool has_mode = (flags & (O_CREAT | O_TMPFILE)) != 0;
  const unsigned mode = has_mode ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  return static_cast<int>(with_errno(open_path(path, flags, mode)));
}
GMEM_EXPORTED int open64(const char* path, int flags, ...)
    __attribute__((alias("open")));

GMEM_EXPORTED int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list rest;
  va_start(rest, request);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  const auto number = static_cast<unsigned>(request);
  const bool may_be_ours = is_caught && is_device_fd(fd);
  return static_cast<int>(with_errno(
      may_be_ours
          ? device_ioctl(number, reinterpret_cast<std::uintptr_t>(argument))
          : raw_call(SYS_ioctl, fd, request, argument)));
}

GMEM_EXPORTED void* mmap(void* address, std::size_t size, int protection,
                         int flags, int fd, off_t offset) noexcept {
  return reinterpret_cast<void*>(
      with_errno(map(address, size, protection, flags, fd, offset)));
}
GMEM_EXPORTED void* mmap64(void* address, std::size_t size, int protection,
                           int flags, int fd, off64_t offset) noexcept
    __attribute__((alias("mmap")));

GMEM_EXPORTED int munmap(void* address, std::size_t size) noexcept {
  return static_cast<int>(
      with_errno(is_in_window(address)
                     ? unmap(reinterpret_cast<std::uintptr_t>(address), size)
                     : raw_call(SYS_munmap, address, size)));
}

GMEM_EXPORTED void* mremap(void* address, std::size_t old_size,
                           std::size_t size, int flags, ...) noexcept {
  va_list rest;
  va_start(rest, flags);
  void* const wanted =
      (flags & MREMAP_FIXED) != 0 ? va_arg(rest, void*) : nullptr;
  va_end(rest);
  return reinterpret_cast<void*>(with_errno(
      is_in_window(address)
          ? remap()
          : raw_call(SYS_mremap, address, old_size, size, flags, wanted)));
}

GMEM_EXPORTED int mprotect(void* address, std::size_t size,
                           int protection) noexcept {
  return static_cast<int>(with_errno(
      is_in_window(address)
          ? protect(reinterpret_cast<std::uintptr_t>(address), size, protection)
          : raw_call(SYS_mprotect, address, size, protection)));
}
