/* SPDX-License-Identifier: MulanPSL-2.0 */
/* Calls nothing of libgmem's own, which is linked all the same. */
#include <stdlib.h>

void *volatile block;

int main(void) {
  block = malloc(100);
  free(block);
}
