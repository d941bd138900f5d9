// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/vma_list.h"

#include <errno.h>
#include <fcntl.h>

#include "doubles/raw_calls.h"
#include "doubles/window.h"

namespace gmem_kernel {

VmaList::VmaList()
    : fd_(raw_call(SYS_openat, AT_FDCWD, "/proc/self/maps",
                   O_RDONLY | O_CLOEXEC)) {}

VmaList::~VmaList() {
  if (!is_error(fd_)) raw_call(SYS_close, fd_);
}

int VmaList::next_char() {
  if (used_ == size_) {
    const long got = raw_call(SYS_read, fd_, text_, sizeof text_);
    if (got == -EINTR) return next_char();
    if (got <= 0) return -1;
    size_ = static_cast<std::size_t>(got);
    used_ = 0;
  }
  return text_[used_++];
}

std::uintptr_t VmaList::next_number(char end) {
  std::uintptr_t number = 0;
  for (int c; (c = next_char()) != end && c != -1;)
    number = number * 16 +
             static_cast<std::uintptr_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return number;
}

bool VmaList::next(Vma* vma) {
  vma->begin = next_number('-');
  vma->end = next_number(' ');
  if (vma->end == 0) return false;
  for (int c; (c = next_char()) != '\n' && c != -1;) {
  }
  return true;
}

bool find_vma(std::uintptr_t address, VmaList::Vma* vma) {
  VmaList list;
  while (list.next(vma))
    if (vma->end > address) return true;
  return false;
}

bool is_mapped_anywhere(std::uintptr_t begin, std::uintptr_t end) {
  VmaList::Vma vma;
  return find_vma(begin, &vma) && vma.begin < end;
}

std::uintptr_t find_gap_in_window(std::size_t size) {
  VmaList list;
  VmaList::Vma vma;
  std::uintptr_t free_from = kWindowBegin;
  while (list.next(&vma) && vma.begin < kWindowEnd) {
    if (vma.end <= free_from) continue;
    if (vma.begin >= free_from && vma.begin - free_from >= size)
      return free_from;
    free_from = page_up(vma.end);
  }
  return kWindowEnd - free_from >= size ? free_from : 0;
}

}  // namespace gmem_kernel
