/* SPDX-License-Identifier: MulanPSL-2.0 */
#include "contract/every_call.h"

#include <dlfcn.h>
#include <errno.h>
#include <libgmem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Never touched but by the calls, so that there is something to fill in. */
static char area[5 * GMEM_PAGE_SIZE];

static unsigned long area_begin(void) {
  const unsigned long page = GMEM_PAGE_SIZE;
  return ((unsigned long)area + page - 1) & ~(page - 1);
}
static const size_t kAreaSize = 4 * GMEM_PAGE_SIZE;

static int prefetch(void) {
  return gmemPrefetch(area_begin(), kAreaSize, 0, NULL);
}

/* Of the heap, and large: its pages may be given a policy. */
static int prefetch_heap(void) {
  const size_t size = (size_t)16 << 20;
  char *volatile block = malloc(size);
  const int error = gmemPrefetch((unsigned long)block, size, 0, NULL);
  free(block);
  return error;
}

/* A node that is none, so that the list of nodes is read anew. */
static int prefetch_nowhere(void) {
  return gmemPrefetch(area_begin(), kAreaSize, 1023, NULL);
}

static int free_eager(void) {
  return gmemFreeEager(area_begin(), kAreaSize, NULL);
}

static int numa_id(void) {
  const int node = gmemGetNumaId();
  return node < 0 ? node : 0;
}

static int resident_anywhere(void) {
  size_t resident = 0;
  return gmemGetResidentSize(area_begin(), kAreaSize, GMEM_ANY_NODE, &resident);
}

static int resident_on_node(void) {
  size_t resident = 0;
  return gmemGetResidentSize(area_begin(), kAreaSize, 0, &resident);
}

static int allocate(void) {
  void *const block = gmemAlloc((size_t)20 << 20, 0);
  const int error = block == NULL ? -errno : 0;
  gmemFree(block);
  return error;
}

static int free_nothing(void) {
  gmemFree(NULL);
  return 0;
}

/* What is on a stream takes longer than to come to wait for it. */
static int queue_much(void *stream) {
  for (int i = 0; i < 10; ++i) {
    int error = gmemPrefetch(area_begin(), kAreaSize, 0, stream);
    if (error == 0) error = gmemFreeEager(area_begin(), kAreaSize, stream);
    if (error != 0) return error;
  }
  return 0;
}

/* Each of these ends the stream that it makes; a stream that keeps an error of
 * what is queued on it, tells it to the first that asks. */
static int create(void) {
  void *stream = NULL;
  const int error = gmemStreamCreate(&stream);
  if (error == 0) gmemStreamDestroy(stream);
  return error;
}

static int queue(void) {
  void *stream = NULL;
  int error = gmemStreamCreate(&stream);
  if (error != 0) return error;
  error = queue_much(stream);
  gmemStreamDestroy(stream);
  return error;
}

static int synchronize(void) {
  void *stream = NULL;
  int error = gmemStreamCreate(&stream);
  if (error != 0) return error;
  error = queue_much(stream);
  if (error == 0) error = gmemStreamSynchronize(stream);
  gmemStreamDestroy(stream);
  return error;
}

static int destroy(void) {
  void *stream = NULL;
  const int error = gmemStreamCreate(&stream);
  if (error != 0) return error;
  queue_much(stream);
  return gmemStreamDestroy(stream);
}

static int error_text(void) { return gmemStrError(-EINVAL) == NULL; }
static int device_name(void) { return gmemDeviceName() == NULL; }
static int version(void) { return gmemVersion() == NULL; }

const struct every_call every_call[] = {
    {"gmemPrefetch", prefetch},
    {"gmemPrefetch heap", prefetch_heap},
    {"gmemPrefetch nowhere", prefetch_nowhere},
    {"gmemPrefetch queued", queue},
    {"gmemFreeEager", free_eager},
    {"gmemGetNumaId", numa_id},
    {"gmemGetResidentSize", resident_anywhere},
    {"gmemGetResidentSize node", resident_on_node},
    {"gmemAlloc", allocate},
    {"gmemFree", free_nothing},
    {"gmemStreamCreate", create},
    {"gmemStreamSynchronize", synchronize},
    {"gmemStreamDestroy", destroy},
    {"gmemStrError", error_text},
    {"gmemDeviceName", device_name},
    {"gmemVersion", version},
};
const size_t every_call_count = sizeof every_call / sizeof *every_call;

const struct every_call *find_call(const char *name) {
  for (size_t i = 0; i < every_call_count; ++i)
    if (strcmp(every_call[i].name, name) == 0) return &every_call[i];
  return NULL;
}

void attach_device(void) {
  void *const runtime = dlopen("libascendcl.so", RTLD_NOW | RTLD_NOLOAD);
  int (*set_device)(int) = NULL;
  if (runtime == NULL) return;
  *(void **)&set_device = dlsym(runtime, "aclrtSetDevice");
  if (set_device == NULL || set_device(0) != 0)
    fputs("the runtime has no device\n", stderr);
}

void list_calls(void) {
  for (size_t i = 0; i < every_call_count; ++i) puts(every_call[i].name);
}
