// SPDX-License-Identifier: MulanPSL-2.0
// Prints what jemalloc's settings came to, a line for each name given ("opt."
// is added), for a test of the conf that they are made of.
#include <gmem_jemalloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cstring>
#include <string>

namespace {

// The size tells the type.  Asked for with another one, jemalloc says which.
bool print(const std::string& name) {
  const std::string option = "opt." + name;
  alignas(ssize_t) char value[sizeof(ssize_t)];
  std::size_t size = sizeof value;
  gmem_je_mallctl(option.c_str(), value, &size, nullptr, 0);
  if (gmem_je_mallctl(option.c_str(), value, &size, nullptr, 0) != 0)
    return false;
  if (size == sizeof(bool)) {
    puts(value[0] != 0 ? "true" : "false");
  } else if (size == sizeof(unsigned)) {
    unsigned number = 0;
    memcpy(&number, value, sizeof number);
    printf("%u\n", number);
  } else {
    ssize_t number = 0;
    memcpy(&number, value, sizeof number);
    printf("%zd\n", number);
  }
  return true;
}

}  // namespace

int main(int count, char** names) {
  free(malloc(1));
  for (int i = 1; i < count; ++i)
    if (!print(names[i])) return 1;
  return 0;
}
