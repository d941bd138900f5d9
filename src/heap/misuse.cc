// SPDX-License-Identifier: MulanPSL-2.0
// What is said when a caller hands the heap something wrong, and how strictly
// it looks: for heap/jemalloc/misuse.h, which finds it.
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "core/conf.h"
#include "core/fixed_text.h"
#include "core/keep_errno.h"

#define GMEM_FOR_JEMALLOC extern "C" [[gnu::visibility("hidden")]]

extern "C" {
[[gnu::visibility("hidden")]] bool gmem_checks = false;
[[gnu::visibility("hidden")]] std::uintptr_t gmem_misuse_secret = 0;
}

namespace {

using Line = gmem::FixedText<160>;

constexpr int kDoNotWait = 1;  // GRND_NONBLOCK

Line call_of(const char* call, const void* pointer) {
  constexpr char kDigits[] = "0123456789abcdef";
  char hex[2 * sizeof pointer + 1] = "";
  char* first = hex + sizeof hex - 1;
  auto rest = reinterpret_cast<std::uintptr_t>(pointer);
  do {
    *--first = kDigits[rest % 16];
  } while ((rest /= 16) != 0);
  Line line;
  line.add("libgmem: ").add(call).add("(0x").add(first);
  return line;
}

// In one write, so that other threads' output stays apart.
[[noreturn]] void end_with(Line& line) {
  line.add("\n");
  const ssize_t written =
      write(STDERR_FILENO, line.c_str(), strlen(line.c_str()));
  static_cast<void>(written);
  abort();
}

// Freed blocks show it to whoever reads them.  So it is nothing that guards
// something else as well, as what the kernel left at AT_RANDOM does: of that
// glibc makes the stack protector's canary, and what mangles its pointers.
std::uintptr_t make_secret() {
  const gmem::KeepErrno keep_errno;
  std::uintptr_t secret = 0;
  if (syscall(SYS_getrandom, &secret, sizeof secret, kDoNotWait) ==
      sizeof secret)
    return secret;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (static_cast<std::uintptr_t>(now.tv_nsec) << 32) ^
         reinterpret_cast<std::uintptr_t>(&now);
}

}  // namespace

// Once, under the lock of jemalloc's start.
GMEM_FOR_JEMALLOC void gmem_misuse_boot() {
  gmem_checks = gmem::conf().check;
  if (gmem_checks) gmem_misuse_secret = make_secret();
}

GMEM_FOR_JEMALLOC void gmem_misuse(const char* call, const void* pointer,
                                   const char* what) {
  Line line = call_of(call, pointer);
  line.add("): ").add(what);
  end_with(line);
}

GMEM_FOR_JEMALLOC void gmem_size_misuse(const void* pointer, std::size_t given,
                                        std::size_t has) {
  Line line = call_of("free_sized", pointer);
  line.add(", ").add_number(given).add("): the block has ").add_number(has);
  line.add(" bytes");
  end_with(line);
}
