#include <libgmem.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  size_t size = 64 * GMEM_PAGE_SIZE, held = 0;
  char *data = aligned_alloc(GMEM_PAGE_SIZE, size);
  unsigned long start = (unsigned long)data;
  int error = gmemPrefetch(start, size, gmemGetNumaId(), NULL);
  printf("prefetched: %s\n", gmemStrError(error));
  error = gmemGetResidentSize(start, size, GMEM_ANY_NODE, &held);
  printf("resident: %s, %zu bytes\n", gmemStrError(error), held);
  error = gmemFreeEager(start, size, NULL);
  printf("freed: %s\n", gmemStrError(error));
  free(data);
}
