/* SPDX-License-Identifier: MulanPSL-2.0
 * Loads the library as a framework does, by a name without a version, and
 * calls it. */
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
  void *library = dlopen("libgmem.so", RTLD_NOW);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const char *(*version)(void) =
      (const char *(*)(void))dlsym(library, "gmemVersion");
  int (*node)(void) = (int (*)(void))dlsym(library, "gmemGetNumaId");
  if (!version || !node || node() < 0) return 2;
  printf("%s\n", version());
  return 0;
}
