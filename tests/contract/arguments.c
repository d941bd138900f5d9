/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Each call with each of its arguments wrong, those behind it in the argument
 * table of libgmem.h too: the first one's error comes back, and errno is as it
 * was.  Speaks TAP, and names each test "CALL CODE SUBJECT"; subjects are
 * those of tests/binary/errors/promised.awk.  Where conf names a device that
 * cannot be had, no row behind that one is met, and that one only there.
 */
#include <errno.h>
#include <libgmem.h>
#include <stdint.h>
#include <string.h>

#include "interposition/tap.h"

/* In the order of the table. */
enum row { kRange, kDevice, kNode, kStream, kResult, kRows };

struct arguments {
  unsigned long addr;
  size_t size;
  int hnid;
  void *stream;
  size_t *resident;
  void **created;
};

static int prefetch(const struct arguments *with) {
  return gmemPrefetch(with->addr, with->size, with->hnid, with->stream);
}
static int free_eager(const struct arguments *with) {
  return gmemFreeEager(with->addr, with->size, with->stream);
}
static int numa_id(const struct arguments *with) {
  (void)with;
  return gmemGetNumaId();
}
static int resident_size(const struct arguments *with) {
  return gmemGetResidentSize(with->addr, with->size, with->hnid,
                             with->resident);
}
static int allocate(const struct arguments *with) {
  int error, saved = errno;
  void *block = gmemAlloc(with->size, with->hnid);
  error = block ? 0 : -errno;
  gmemFree(block);
  errno = saved;
  return error;
}
static int stream_create(const struct arguments *with) {
  return gmemStreamCreate(with->created);
}
static int stream_synchronize(const struct arguments *with) {
  return gmemStreamSynchronize(with->stream);
}
static int stream_destroy(const struct arguments *with) {
  return gmemStreamDestroy(with->stream);
}

/* Each call, and what its rows are about. */
static const struct call {
  const char *name;
  int (*make)(const struct arguments *with);
  const char *subject[kRows];
} kCalls[] = {
    {"gmemPrefetch", prefetch, {"addr", "device:NAME", "hnid", "stream", NULL}},
    {"gmemFreeEager",
     free_eager,
     {"addr", "device:NAME", NULL, "stream", NULL}},
    {"gmemGetNumaId", numa_id, {NULL, "device:NAME", NULL, NULL, NULL}},
    {"gmemGetResidentSize",
     resident_size,
     {"addr", "device:NAME", "hnid", NULL, "resident"}},
    {"gmemAlloc", allocate, {NULL, "device:NAME", "hnid", NULL, NULL}},
    {"gmemStreamCreate",
     stream_create,
     {NULL, "device:NAME", NULL, NULL, "stream"}},
    {"gmemStreamSynchronize",
     stream_synchronize,
     {NULL, "device:NAME", NULL, "stream", NULL}},
    {"gmemStreamDestroy",
     stream_destroy,
     {NULL, "device:NAME", NULL, "stream", NULL}},
};

/* Right before the row, and wrong from there on.  Of no bytes where that is
 * right: a call that did not look would do nothing, and succeed. */
static struct arguments wrong_from(enum row row, void *destroyed) {
  struct arguments with = {GMEM_PAGE_SIZE, 0, 0, NULL, NULL, NULL};
  with.hnid = gmemGetNumaId() >= 0 ? gmemGetNumaId() : 0;
  if (row <= kRange) with.addr = UINTPTR_MAX, with.size = 2;
  if (row <= kNode) with.hnid = -2;
  if (row <= kStream) with.stream = destroyed;
  return with;
}

static int comes_back(const struct call *call, enum row row, int error,
                      void *destroyed) {
  const struct arguments with = wrong_from(row, destroyed);
  int got;
  errno = ERANGE;
  got = call->make(&with);
  if (got == error && errno == ERANGE) return 1;
  printf("# %s: %d, errno %d\n", call->name, got, errno);
  return 0;
}

static void try_row(const struct call *call, enum row row, void *destroyed) {
  const int error = row == kDevice ? -ENODEV : -EINVAL;
  char name[100];
  snprintf(name, sizeof name, "%s %s %s", call->name,
           row == kDevice ? "ENODEV" : "EINVAL", call->subject[row]);
  ok(comes_back(call, row, error, destroyed), name);
}

int main(void) {
  const int has_device = strcmp(gmemDeviceName(), "none") != 0;
  const int last = has_device ? kResult : kDevice;
  void *destroyed = &tests; /* no stream either */
  if (has_device &&
      (gmemStreamCreate(&destroyed) != 0 || gmemStreamDestroy(destroyed) != 0))
    bail_out("no stream");
  for (size_t i = 0; i < sizeof kCalls / sizeof *kCalls; ++i)
    for (int row = kRange; row <= last; ++row)
      if (kCalls[i].subject[row] && (row != kDevice || !has_device))
        try_row(&kCalls[i], (enum row)row, destroyed);
  printf("1..%d\n", tests);
}
