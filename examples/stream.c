/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Works on a buffer part by part: while one part is computed, the stream
 * prefetches the next and frees those that are done.
 */
#include <libgmem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { kParts = 8 };
static const size_t kPartSize = 8 * GMEM_PAGE_SIZE;

static void check(const char *what, int error) {
  if (!error) return;
  fprintf(stderr, "%s: %s\n", what, gmemStrError(error));
  exit(EXIT_FAILURE);
}

int main(void) {
  int node = gmemGetNumaId();
  void *stream = NULL;
  size_t resident = 0, part;
  char *data = mmap(NULL, kParts * kPartSize, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    perror("mmap");
    return EXIT_FAILURE;
  }

  check("gmemStreamCreate", gmemStreamCreate(&stream));
  check("gmemPrefetch",
        gmemPrefetch((unsigned long)data, kPartSize, node, stream));
  for (part = 0; part < kParts; ++part) {
    char *now = data + part * kPartSize, *next = now + kPartSize;
    check("an operation of the stream", gmemStreamSynchronize(stream));
    if (part + 1 < kParts)
      check("gmemPrefetch",
            gmemPrefetch((unsigned long)next, kPartSize, node, stream));
    memset(now, 1, kPartSize);
    check("gmemFreeEager",
          gmemFreeEager((unsigned long)now, kPartSize, stream));
  }
  check("gmemStreamDestroy", gmemStreamDestroy(stream));

  check("gmemGetResidentSize",
        gmemGetResidentSize((unsigned long)data, kParts * kPartSize,
                            GMEM_ANY_NODE, &resident));
  /* The pages at the edges of a part are whole only where data is aligned. */
  printf("%d parts done, %zu of %zu MiB still resident\n", kParts,
         resident >> 20, (kParts * kPartSize) >> 20);
  return EXIT_SUCCESS;
}
