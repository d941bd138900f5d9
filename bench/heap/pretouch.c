/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Touches so many MiB and ends.  A virtual machine gets memory from its host at
 * the first use, and gives back what lies idle: paid here, it is charged to no
 * allocator.  In huge pages where there are any, so that those who ask for such
 * find them touched as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { kTouchedEach = 4096 };

int main(int argc, char **argv) {
  const size_t size = (size_t)(argc > 1 ? atol(argv[1]) : 0) << 20;
  if (size == 0) return EXIT_SUCCESS;
  volatile char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("pretouch");
    return EXIT_FAILURE;
  }
  madvise((void *)memory, size, MADV_HUGEPAGE);
  for (size_t at = 0; at < size; at += kTouchedEach) memory[at] = 1;
  return EXIT_SUCCESS;
}
