// SPDX-License-Identifier: MulanPSL-2.0
#include "host/populate.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "host/advice.h"
#include "host/crew.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

namespace gmem::host {
namespace {

int advise(const ByteRange& range, int advice) {
  return madvise(reinterpret_cast<void*>(range.begin()), range.size(), advice);
}

// Linux 5.14 and later know the advice, and say so of no bytes.
bool has_populate() { return madvise(nullptr, 0, MADV_POPULATE_WRITE) == 0; }

// For the kernels before: adds nothing to one byte of each page, so that
// concurrent writers lose nothing.
void touch_to_write(const ByteRange& pages) {
  for (std::uintptr_t page = pages.begin(); page < pages.end();
       page += kernel_page_size())
    __atomic_fetch_add(reinterpret_cast<unsigned char*>(page), 0,
                       __ATOMIC_RELAXED);
}

// The same for reading: the kernel reads on our behalf, and so reports what
// would be a signal (SIGBUS beyond the end of a file).
Error touch_to_read(const ByteRange& pages) {
  constexpr std::size_t kBatch = 64;
  char bytes[kBatch];
  const iovec into = {bytes, sizeof bytes};
  for (std::uintptr_t page = pages.begin(); page < pages.end();) {
    iovec from[kBatch];
    std::size_t count = 0;
    for (; count < kBatch && page < pages.end(); page += kernel_page_size())
      from[count++] = {reinterpret_cast<void*>(page), 1};
    const ssize_t got = process_vm_readv(getpid(), &into, 1, from, count, 0);
    if (got < 0) return errno == ENOSYS ? -EPERM : -errno;
    if (static_cast<std::size_t>(got) < count) return -EFAULT;
  }
  return 0;
}

Error touch(const ByteRange& pages, int advice) {
  if (advice == MADV_POPULATE_READ) return touch_to_read(pages);
  touch_to_write(pages);
  return 0;
}

Error populate_piece(const ByteRange& piece, int advice) {
  if (!advice_is_followed()) return touch(kernel_pages_around(piece), advice);
  while (advise(piece, advice) != 0) {
    if (errno == EINTR || errno == EAGAIN) continue;
    if (errno == EHWPOISON) return -EFAULT;  // nothing to be had there either
    if (errno != EINVAL) return -errno;
    // Memory of a driver, or without the right to read: nothing to fill in.
    if (has_populate()) return 0;
    return touch(kernel_pages_around(piece), advice);
  }
  return 0;
}

}  // namespace

Error populate(const Mapping& mapping, const ByteRange& range,
               std::size_t effort) {
  const bool own_pages = mapping.private_anonymous() && mapping.writable;
  return work_in_pieces(range, effort, populate_piece,
                        own_pages ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}

}  // namespace gmem::host
