// SPDX-License-Identifier: MulanPSL-2.0
// Which descriptors of this process are /dev/gmem, as its double has it.
#ifndef GMEM_TESTS_ASCEND_GMEM_DESCRIPTORS_H
#define GMEM_TESTS_ASCEND_GMEM_DESCRIPTORS_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

// The lowest one at or above a number; -1 where there is none.
inline int gmem_descriptor(int from = 0) {
  constexpr int kHighest = 1024;
  for (int fd = from; fd < kHighest; ++fd) {
    char path[32];
    char link[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (readlink(path, link, sizeof link - 1) > 0 &&
        strncmp(link, "/memfd:gmem_kernel_double", 25) == 0)
      return fd;
  }
  return -1;
}

inline int gmem_descriptors() {
  int count = 0;
  for (int fd = gmem_descriptor(); fd >= 0; fd = gmem_descriptor(fd + 1))
    ++count;
  return count;
}

#endif  // GMEM_TESTS_ASCEND_GMEM_DESCRIPTORS_H
