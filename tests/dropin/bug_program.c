/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * What went wrong in openEuler's first libgmem, step by step on this one.
 * test_upstream_bugs.sh names the groups of bugs.
 */
#define _GNU_SOURCE /* dladdr, reallocarray */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgmem.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "require.h"
#include "step.h"

static const size_t kPage = GMEM_PAGE_SIZE;

/* Names that the first libgmem took from every program that loaded it. */
int handle = 42;
int gmem_fd = 43;
int init_device(void);
int init_device(void) { return 44; }
int get_gmem_fd(void);
int get_gmem_fd(void) { return 45; }

static void *map(size_t size) {
  void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(mapping != MAP_FAILED);
  return mapping;
}

static unsigned long unmapped(size_t size) {
  void *mapping = map(size);
  REQUIRE(munmap(mapping, size) == 0);
  return (unsigned long)mapping;
}

static void use_all_calls(void) {
  char *memory = map(4 * kPage);
  const unsigned long addr = (unsigned long)memory;
  size_t resident = 0;
  void *stream = NULL;
  REQUIRE(gmemPrefetch(addr, 4 * kPage, gmemGetNumaId(), NULL) == 0);
  REQUIRE(gmemGetResidentSize(addr, 4 * kPage, GMEM_ANY_NODE, &resident) == 0);
  REQUIRE(gmemFreeEager(addr, 4 * kPage, NULL) == 0);
  REQUIRE(gmemStreamCreate(&stream) == 0);
  REQUIRE(gmemPrefetch(addr, 4 * kPage, gmemGetNumaId(), stream) == 0);
  REQUIRE(gmemFreeEager(addr, 4 * kPage, stream) == 0);
  REQUIRE(gmemStreamDestroy(stream) == 0);
}

static void nothing(void) {}

static void error_codes(void) {
  const int node = gmemGetNumaId();
  const unsigned long addr = unmapped(kPage);
  const int errors[] = {
      gmemPrefetch(addr, kPage, node, NULL),
      gmemPrefetch(addr, kPage, 1023, NULL),
      gmemFreeEager(-kPage, 2 * kPage, NULL),
  };
  for (size_t i = 0; i < sizeof errors / sizeof *errors; ++i) {
    REQUIRE(errors[i] == -ENOMEM || errors[i] == -EINVAL);
    REQUIRE(strlen(gmemStrError(errors[i])) > 0);
  }
}

static void errno_is_kept(void) {
  errno = 4321;
  gmemPrefetch(unmapped(kPage), kPage, gmemGetNumaId(), NULL);
  gmemFreeEager(-1UL, -1UL, NULL);
  use_all_calls();
  REQUIRE(errno == 4321);
}

static void errors_of_streams(void) {
  void *stream = NULL;
  REQUIRE(gmemStreamCreate(&stream) == 0);
  REQUIRE(gmemPrefetch(unmapped(kPage), kPage, gmemGetNumaId(), stream) == 0);
  REQUIRE(gmemStreamSynchronize(stream) == -ENOMEM);
  REQUIRE(gmemStreamDestroy(stream) == 0);
}

/* The process's heap is libgmem's, so that what leaks is counted there. */
static long resident_pages(void) {
  char text[128] = "";
  long total = 0, resident = 0;
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
  close(fd);
  REQUIRE(sscanf(text, "%ld %ld", &total, &resident) == 2);
  return resident;
}

/* 32 bytes leaked at each call would be 12 MiB. */
static void invented_streams(void) {
  enum { kCalls = 200000, kAllowed = 1 << 20 };
  void *const invented = (void *)0x123456;
  char *memory = map(kPage);
  const int node = gmemGetNumaId();
  long before;
  REQUIRE(gmemPrefetch((unsigned long)memory, kPage, node, invented) ==
          -EINVAL);
  before = resident_pages();
  for (int i = 0; i < kCalls; ++i) {
    REQUIRE(gmemPrefetch((unsigned long)memory, kPage, node, invented) ==
            -EINVAL);
    REQUIRE(gmemFreeEager((unsigned long)memory, kPage, invented) == -EINVAL);
  }
  REQUIRE((resident_pages() - before) * getpagesize() < kAllowed);
}

static void arguments(void) {
  const unsigned long top = -kPage;
  const int node = gmemGetNumaId();
  const int wrong_nodes[] = {-2, -1, 1 << 20, INT32_MAX, INT32_MIN};
  char *memory = map(kPage);
  const unsigned long addr = (unsigned long)memory;
  REQUIRE(gmemFreeEager(-1UL, -1UL, NULL) == -EINVAL);
  REQUIRE(gmemPrefetch(-1UL, -1UL, node, NULL) == -EINVAL);
  REQUIRE(gmemPrefetch(top, 2 * kPage, node, NULL) == -EINVAL);
  REQUIRE(gmemPrefetch(top + 1, kPage - 2, node, NULL) == -ENOMEM);
  REQUIRE(gmemFreeEager(top + 1, kPage - 2, NULL) == 0);
  REQUIRE(gmemPrefetch(unmapped(kPage), kPage, node, NULL) == -ENOMEM);
  for (size_t i = 0; i < sizeof wrong_nodes / sizeof *wrong_nodes; ++i)
    REQUIRE(gmemPrefetch(addr, kPage, wrong_nodes[i], NULL) == -EINVAL);
  REQUIRE(gmemPrefetch(addr + 1, 0, node, NULL) == 0);
  REQUIRE(gmemFreeEager(addr + 1, 0, NULL) == 0);
  REQUIRE(gmemFreeEager(addr + 1, 1, NULL) == 0);
}

static void there_is_a_node(void) { REQUIRE(gmemGetNumaId() >= 0); }

static void no_device(void) {
  char *memory = map(kPage);
  const unsigned long addr = (unsigned long)memory;
  REQUIRE(gmemGetNumaId() == -ENODEV);
  REQUIRE(gmemPrefetch(addr, kPage, 0, NULL) == -ENODEV);
  REQUIRE(gmemFreeEager(addr, kPage, NULL) == -ENODEV);
}

static void device_or_none(void) {
  const int node = gmemGetNumaId();
  REQUIRE(node >= 0 || node == -ENODEV);
}

/* What the library opens for itself no other program may inherit. */
static void descriptors(void) {
  enum { kMost = 256 };
  char was_open[kMost];
  for (int fd = 0; fd < kMost; ++fd) was_open[fd] = fcntl(fd, F_GETFD) >= 0;
  use_all_calls();
  for (int fd = 0; fd < kMost; ++fd) {
    const int flags = fcntl(fd, F_GETFD);
    REQUIRE(was_open[fd] || flags < 0 || (flags & FD_CLOEXEC));
  }
}

static void names_of_its_own(void) {
  use_all_calls();
  REQUIRE(handle == 42 && gmem_fd == 43);
  REQUIRE(init_device() == 44 && get_gmem_fd() == 45);
}

static void allocate(void) {
  enum { kBlocks = 10000 };
  static char *blocks[kBlocks];
  for (int i = 0; i < kBlocks; ++i) {
    blocks[i] = malloc((size_t)i + 1);
    REQUIRE(blocks[i]);
    blocks[i][i] = 1;
    blocks[i] = realloc(blocks[i], 2 * (size_t)i + 1);
    REQUIRE(blocks[i] && blocks[i][i] == 1);
  }
  for (int i = 0; i < kBlocks; ++i) free(blocks[i]);
}

static int is_of_libgmem(const char *name) {
  Dl_info info;
  void *address = dlsym(RTLD_DEFAULT, name);
  return address && dladdr(address, &info) &&
         strstr(info.dli_fname, "libgmem.so");
}

/* One call's block is taken by another's. */
static void family(void) {
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
  void *block = NULL;
  char *copy = strdup("made by libc");
  for (size_t i = 0; i < sizeof kFamily / sizeof *kFamily; ++i)
    REQUIRE(is_of_libgmem(kFamily[i]));
  REQUIRE(posix_memalign(&block, 4096, 100) == 0);
  block = realloc(block, 100000);
  REQUIRE(block && malloc_usable_size(block) >= 100000);
  block = reallocarray(block, 1000, 1000);
  REQUIRE(block);
  free(block);
  block = realloc(aligned_alloc(64, 640), 6400);
  REQUIRE(block);
  free(block);
  block = realloc(calloc(10, 10), 1000);
  REQUIRE(block && *(char *)block == 0);
  free(block);
  copy = realloc(copy, 1000);
  REQUIRE(copy && strcmp(copy, "made by libc") == 0);
  free(copy);
}

static void heap_memory_is_prefetched(void) {
  char *block = malloc(8 * kPage);
  REQUIRE(block);
  REQUIRE(gmemPrefetch((unsigned long)block, 8 * kPage, gmemGetNumaId(),
                       NULL) == 0);
  free(block);
  allocate(); /* gives pages back in pieces of any size */
}

int main(int argc, char **argv) {
  static const struct Step kSteps[] = {
      {"nothing", nothing},
      {"use_all_calls", use_all_calls},
      {"error_codes", error_codes},
      {"errno_is_kept", errno_is_kept},
      {"errors_of_streams", errors_of_streams},
      {"invented_streams", invented_streams},
      {"arguments", arguments},
      {"there_is_a_node", there_is_a_node},
      {"no_device", no_device},
      {"device_or_none", device_or_none},
      {"descriptors", descriptors},
      {"names_of_its_own", names_of_its_own},
      {"allocate", allocate},
      {"family", family},
      {"heap_memory_is_prefetched", heap_memory_is_prefetched},
      {NULL, NULL},
  };
  return run_step(kSteps, argc, argv);
}
