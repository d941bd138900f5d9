/* SPDX-License-Identifier: MulanPSL-2.0 */
/* A program of a user of openEuler's first libgmem. */
#define _GNU_SOURCE /* dladdr */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "require.h"
#include "step.h"
#include "upstream_interface.h"

static const size_t kPage = 2UL << 20;
enum { kPages = 8 };

static unsigned char mark(size_t i) { return (unsigned char)(i * 31 + 7); }

static unsigned char *new_block(size_t size) {
  unsigned char *block = malloc(size);
  REQUIRE(block);
  for (size_t i = 0; i < size; ++i) block[i] = mark(i);
  return block;
}

static void require_marks(const unsigned char *block, size_t begin,
                          size_t end) {
  for (size_t i = begin; i < end; ++i) REQUIRE(block[i] == mark(i));
}

static void numa_id(void) { REQUIRE(gmemGetNumaId() >= 0); }

static void prefetch(void) {
  const size_t size = kPages * kPage;
  unsigned char *block = new_block(size);
  const unsigned long addr = (unsigned long)block;
  const int node = gmemGetNumaId();
  REQUIRE(gmemPrefetch(addr, size, node, NULL) == 0);
  REQUIRE(gmemPrefetch(addr + 12345, size - 99999, node, NULL) == 0);
  REQUIRE(gmemPrefetch(addr, 1, node, NULL) == 0);
  require_marks(block, 0, size);
  free(block);
}

static void prefetch_untouched(void) {
  const size_t size = kPages * kPage;
  unsigned char *block = malloc(size);
  REQUIRE(block);
  REQUIRE(gmemPrefetch((unsigned long)block, size, gmemGetNumaId(), NULL) == 0);
  memset(block, 5, size);
  REQUIRE(block[0] == 5 && block[size - 1] == 5);
  free(block);
}

static void free_eager(void) {
  const size_t size = kPages * kPage;
  unsigned char *block = new_block(size);
  const uintptr_t addr = (uintptr_t)block;
  const size_t first = (addr + kPage - 1) / kPage * kPage - addr;
  const size_t last = (addr + size) / kPage * kPage - addr;
  REQUIRE(gmemFreeEager(addr, size, NULL) == 0);
  require_marks(block, 0, first);
  for (size_t i = first; i < last; ++i) REQUIRE(block[i] == 0);
  require_marks(block, last, size);
  block[first] = 1;
  free(block);
}

static int is_of_libgmem(const char *name) {
  Dl_info info;
  void *address = dlsym(RTLD_DEFAULT, name);
  return address && dladdr(address, &info) &&
         strstr(info.dli_fname, "libgmem.so");
}

static void heap(void) {
  unsigned char *block = new_block(1000);
  REQUIRE(is_of_libgmem("malloc"));
  REQUIRE(is_of_libgmem("realloc"));
  REQUIRE(is_of_libgmem("free"));
  for (size_t size = 2000; size < 64 * kPage; size *= 3) {
    block = realloc(block, size);
    REQUIRE(block);
    require_marks(block, 0, 1000);
    block[size - 1] = 1;
  }
  block = realloc(block, 500);
  REQUIRE(block);
  require_marks(block, 0, 500);
  free(block);
  free(NULL);
}

static void errors(void) {
  const int node = gmemGetNumaId();
  void *const nowhere = (void *)0x123456;
  unsigned long addr;
  void *gone =
      mmap(NULL, 2 * kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(gone != MAP_FAILED);
  REQUIRE(munmap(gone, 2 * kPage) == 0);
  addr = (unsigned long)gone;
  errno = 4321;
  REQUIRE(gmemPrefetch(-100UL, 1000, node, NULL) == -EINVAL);
  REQUIRE(gmemFreeEager(-100UL, 1000, NULL) == -EINVAL);
  REQUIRE(gmemFreeEager(-1UL, -1UL, NULL) == -EINVAL);
  REQUIRE(gmemPrefetch(addr, 2 * kPage, node, NULL) == -ENOMEM);
  REQUIRE(gmemPrefetch(addr, kPage, -1, NULL) == -EINVAL);
  REQUIRE(gmemPrefetch(addr, kPage, 1 << 30, NULL) == -EINVAL);
  REQUIRE(gmemPrefetch(addr, kPage, node, nowhere) == -EINVAL);
  REQUIRE(gmemFreeEager(addr, kPage, nowhere) == -EINVAL);
  REQUIRE(gmemPrefetch(addr, 0, node, NULL) == 0);
  REQUIRE(gmemFreeEager(addr, 0, NULL) == 0);
  REQUIRE(errno == 4321);
}

static unsigned char *until_exit;

static void use_at_exit(void) {
  REQUIRE(gmemPrefetch((unsigned long)until_exit, 2 * kPage, gmemGetNumaId(),
                       NULL) == 0);
  require_marks(until_exit, 0, 2 * kPage);
  REQUIRE(gmemFreeEager((unsigned long)until_exit, 2 * kPage, NULL) == 0);
  free(until_exit);
}

static void calls_at_exit(void) {
  until_exit = new_block(2 * kPage);
  REQUIRE(atexit(use_at_exit) == 0);
}

static void nothing(void) {}

int main(int argc, char **argv) {
  static const struct Step kSteps[] = {
      {"numa_id", numa_id},
      {"prefetch", prefetch},
      {"prefetch_untouched", prefetch_untouched},
      {"free_eager", free_eager},
      {"heap", heap},
      {"errors", errors},
      {"calls_at_exit", calls_at_exit},
      {"nothing", nothing},
      {NULL, NULL},
  };
  return run_step(kSteps, argc, argv);
}
