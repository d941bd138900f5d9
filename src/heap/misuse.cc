// SPDX-License-Identifier: MulanPSL-2.0
// What is said when a caller hands the heap something wrong, and how strictly
// it looks: for heap/jemalloc/misuse.h, which finds it.
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "core/conf.h"
#include "core/fixed_text.h"

#define GMEM_FOR_JEMALLOC extern "C" [[gnu::visibility("hidden")]]

extern "C" {
[[gnu::visibility("hidden")]] bool gmem_checks = false;
[[gnu::visibility("hidden")]] std::uintptr_t gmem_misuse_secret = 0;
}

namespace {

using Line = gmem::FixedText<160>;

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
  const ssize_t written = write(STDERR_FILENO, line.c_str(),
                                strlen(line.c_str()));
  static_cast<void>(written);
  abort();
}

}  // namespace

// Once, under the lock of jemalloc's start.
GMEM_FOR_JEMALLOC void gmem_misuse_boot() {
  gmem_checks = gmem::conf().check;
  const auto* random =
      reinterpret_cast<const void*>(getauxval(AT_RANDOM));
  if (random != nullptr)
    memcpy(&gmem_misuse_secret, random, sizeof gmem_misuse_secret);
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
