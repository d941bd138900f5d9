// SPDX-License-Identifier: MulanPSL-2.0
#include "host/populate.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "core/call_again.h"
#include "core/kernel_constants.h"
#include "host/advice.h"
#include "host/crew.h"

namespace gmem::host {
namespace {

// What becomes of a mapping's pages: an own one for each, or none but what
// there is to read; which may end, where it is a file.
enum Mode { kOwn, kRead, kReadFile };

int advice_for(int mode) {
  return mode == kOwn ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
}

// Ends the work in pieces, unlike -EFAULT.
constexpr Error kNothingFurther = -ENXIO;

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

bool is_gap(Error answer) { return answer == -EFAULT || answer == -EHWPOISON; }

// Of the kernel's other answers, what gmemPrefetch may return.
Error explain(Error answer) {
  switch (answer) {
    case -ENOMEM:
      return -ENOMEM;
    case -EPERM:
    case -EACCES:
    case -ENOSYS:
      return -EPERM;
    case -EBUSY:
    case -EINTR:
    case -EAGAIN:
      return -EBUSY;
    default:
      return -EIO;
  }
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
    const ssize_t got = call_again(
        [&] { return process_vm_readv(getpid(), &into, 1, from, count, 0); });
    if (got < 0) return errno == EFAULT ? -EFAULT : explain(-errno);
    if (static_cast<std::size_t>(got) < count) return -EFAULT;
  }
  return 0;
}

Error touch(const ByteRange& pages, int mode) {
  if (mode != kOwn) return touch_to_read(pages);
  touch_to_write(pages);
  return 0;
}

// For a piece that has gaps: what lies between them is filled in.  The kernel
// does not say where it met one, so that is found by halving.  -EFAULT; or
// kNothingFurther where 2 MiB of a file are one gap: it has ended.
Error populate_between_gaps(const ByteRange& piece, int mode) {
  const std::size_t page = kernel_page_size();
  std::size_t gap = 0;
  std::size_t step = piece.size() / 2;
  for (std::uintptr_t at = piece.begin(); at < piece.end();) {
    const std::size_t size =
        std::min(std::max(step & ~(page - 1), page), piece.end() - at);
    const Error answer = advise(*ByteRange::from(at, size), advice_for(mode));
    if (answer != 0 && !is_gap(answer)) return explain(answer);
    if (answer != 0 && size > page) {
      step = size / 2;
      continue;
    }
    at += size;
    step = answer == 0 ? 2 * size : page;
    gap = answer == 0 ? 0 : gap + size;
    if (gap >= kPageSize && mode == kReadFile) return kNothingFurther;
  }
  return -EFAULT;
}

Error populate_piece(const ByteRange& piece, int mode) {
  if (!advice_is_followed()) return touch(kernel_pages_around(piece), mode);
  const Error answer = advise(piece, advice_for(mode));
  if (answer == 0) return 0;
  if (is_gap(answer)) return populate_between_gaps(piece, mode);
  if (answer != -EINVAL) return explain(answer);
  // Memory of a driver, or without the right to read: nothing to fill in.
  if (has_populate()) return 0;
  return touch(kernel_pages_around(piece), mode);
}

}  // namespace

Error populate(const Mapping& mapping, const ByteRange& range,
               std::size_t effort) {
  const bool own_pages = mapping.private_anonymous() && mapping.writable;
  const Mode mode = own_pages ? kOwn : mapping.file_backed ? kReadFile : kRead;
  const Error error = work_in_pieces(range, effort, populate_piece, mode);
  return error == kNothingFurther ? -EFAULT : error;
}

}  // namespace gmem::host
