/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Stands in for openEuler's first libgmem, which is not here, while a program
 * is linked: the soname libgmem.so.0 and names without versions. At run time
 * it is of no use.
 */
#include <stdlib.h>

#include "upstream_interface.h"

int gmemFreeEager(unsigned long addr, size_t length, void *stream) {
  (void)addr, (void)length, (void)stream;
  abort();
}

int gmemPrefetch(unsigned long addr, size_t length, int hnid, void *stream) {
  (void)addr, (void)length, (void)hnid, (void)stream;
  abort();
}

int gmemGetNumaId(void) { abort(); }

void *malloc(size_t size) {
  (void)size;
  abort();
}

void *realloc(void *pointer, size_t size) {
  (void)pointer, (void)size;
  abort();
}

void free(void *pointer) {
  (void)pointer;
  abort();
}
