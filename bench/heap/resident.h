/* SPDX-License-Identifier: MulanPSL-2.0 */
/* What this process has resident, in KiB; asking allocates nothing. */
#ifndef GMEM_BENCH_HEAP_RESIDENT_H
#define GMEM_BENCH_HEAP_RESIDENT_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static inline void read_file(const char *path, char *text, size_t room) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t length = fd < 0 ? 0 : read(fd, text, room - 1);
  text[length > 0 ? length : 0] = '\0';
  if (fd >= 0) close(fd);
}

/* The most that there was since the program was begun; 0 if not to be had. */
static inline long peak_resident(void) {
  char text[4096];
  long kib = 0;
  read_file("/proc/self/status", text, sizeof text);
  const char *line = strstr(text, "VmHWM:");
  if (line == NULL || sscanf(line, "VmHWM: %ld", &kib) != 1) return 0;
  return kib;
}

/* Now. */
static inline long resident(void) {
  char text[256];
  long size = 0, pages = 0;
  read_file("/proc/self/statm", text, sizeof text);
  if (sscanf(text, "%ld %ld", &size, &pages) != 2) return 0;
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#endif /* GMEM_BENCH_HEAP_RESIDENT_H */
