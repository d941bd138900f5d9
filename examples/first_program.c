#include <libgmem.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  size_t size = 64 * GMEM_PAGE_SIZE, held = 0;
  char *data = aligned_alloc(GMEM_PAGE_SIZE, size);
  unsigned long start = (unsigned long)data;
  int error = gmemPrefetch(start, size, gmemGetNumaId(), NULL);
  if (!error) error = gmemGetResidentSize(start, size, GMEM_ANY_NODE, &held);
  printf("prefetched: %s, %zu bytes resident\n", gmemStrError(error), held);
  error = gmemFreeEager(start, size, NULL);
  printf("freed: %s\n", gmemStrError(error));
  free(data);
}
