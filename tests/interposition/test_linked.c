/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * A program linked with -lgmem has its whole malloc family from libgmem, also
 * what libc allocates for it.  Speaks TAP.
 */
#define _GNU_SOURCE /* dladdr */
#include <dlfcn.h>
#include <libgmem.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests;

static void ok(int passed, const char *name) {
  printf("%s %d - %s\n", passed ? "ok" : "not ok", ++tests, name);
}

static int is_ours(const char *symbol) {
  Dl_info info;
  void *address = dlsym(RTLD_DEFAULT, symbol);
  return address && dladdr(address, &info) &&
         strstr(info.dli_fname, "libgmem.so");
}

int main(void) {
  static const char *const kFamily[] = {
      "malloc",
      "free",
      "realloc",
      "calloc",
      "posix_memalign",
      "aligned_alloc",
      "memalign",
      "valloc",
      "pvalloc",
      "reallocarray",
      "malloc_usable_size",
  };
  char *copy, *text = NULL;
  size_t i;
  for (i = 0; i < sizeof kFamily / sizeof *kFamily; ++i)
    ok(is_ours(kFamily[i]), kFamily[i]);

  copy = strdup("made by libc");
  ok(malloc_usable_size(copy) >= strlen(copy) + 1,
     "memory that libc allocated is the heap's");
  free(copy);
  ok(asprintf(&text, "%0100000d", 7) == 100000, "a long line from asprintf");
  text = realloc(text, 300000);
  ok(text && strlen(text) == 100000, "realloc keeps it");
  free(text);
  ok(gmemGetNumaId() >= 0, "the calls are there, too");
  printf("1..%d\n", tests);
  return EXIT_SUCCESS;
}
