/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Fills and sums an array, first on memory that is made at each first touch,
 * then on memory that was prefetched, and frees it eagerly.  Prints what each
 * step took: time, page faults, and the resident memory before and after.
 *
 *   prefetch_compute_free [MB]
 */
#include <libgmem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

struct array {
  uint64_t *data;
  size_t size; /* bytes */
};

static void fail(const char *what, int error) {
  fprintf(stderr, "%s: %s\n", what, gmemStrError(error));
  exit(EXIT_FAILURE);
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long page_faults(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

static double resident_mib(const struct array *array) {
  size_t bytes = 0;
  int error = gmemGetResidentSize((unsigned long)array->data, array->size,
                                  GMEM_ANY_NODE, &bytes);
  if (error) fail("gmemGetResidentSize", error);
  return (double)bytes / (1 << 20);
}

static struct array map_array(size_t size) {
  struct array array = {NULL, size};
  array.data = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (array.data == MAP_FAILED) {
    perror("mmap");
    exit(EXIT_FAILURE);
  }
  return array;
}

static void prefetch(const struct array *array) {
  int error = gmemPrefetch((unsigned long)array->data, array->size,
                           gmemGetNumaId(), NULL);
  if (error) fail("gmemPrefetch", error);
}

static void compute(const struct array *array) {
  size_t i, count = array->size / sizeof *array->data;
  uint64_t sum = 0;
  for (i = 0; i < count; ++i) array->data[i] = i;
  for (i = 0; i < count; ++i) sum += array->data[i];
  if (sum != (uint64_t)count * (count - 1) / 2) {
    fputs("the sum is wrong\n", stderr);
    exit(EXIT_FAILURE);
  }
}

static void free_eagerly(const struct array *array) {
  int error = gmemFreeEager((unsigned long)array->data, array->size, NULL);
  if (error) fail("gmemFreeEager", error);
}

/*
 * A virtual machine gets its memory from the host at the first use, which
 * would be counted against whichever step comes first.
 */
static void warm_up(const struct array *a, const struct array *b) {
  prefetch(a);
  prefetch(b);
  free_eagerly(a);
  free_eagerly(b);
}

static void measure(const char *name, void (*step)(const struct array *),
                    const struct array *array) {
  double before = resident_mib(array);
  long faults = page_faults();
  double start = seconds();
  step(array);
  double took = seconds() - start;
  faults = page_faults() - faults;
  printf("  %-12s %10.1f ms %10ld %10.1f %10.1f\n", name, took * 1e3, faults,
         before, resident_mib(array));
}

int main(int argc, char **argv) {
  size_t mb = argc > 1 ? strtoul(argv[1], NULL, 10) : 256;
  size_t pages = (mb * 1000 * 1000 + GMEM_PAGE_SIZE - 1) / GMEM_PAGE_SIZE;
  if (pages == 0) {
    fprintf(stderr, "usage: %s [MB]\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct array touched = map_array(pages * GMEM_PAGE_SIZE);
  struct array prefetched = map_array(pages * GMEM_PAGE_SIZE);

  printf("device %s, node %d, %zu MiB\n", gmemDeviceName(), gmemGetNumaId(),
         touched.size >> 20);
  printf("  %-12s %13s %10s %21s\n", "", "", "page", "resident MiB");
  printf("  %-12s %13s %10s %10s %10s\n", "step", "time", "faults", "before",
         "after");
  warm_up(&touched, &prefetched);
  puts("without prefetch");
  measure("compute", compute, &touched);
  measure("free eagerly", free_eagerly, &touched);
  puts("with prefetch");
  measure("prefetch", prefetch, &prefetched);
  measure("compute", compute, &prefetched);
  measure("free eagerly", free_eagerly, &prefetched);
  return EXIT_SUCCESS;
}
