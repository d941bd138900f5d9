// SPDX-License-Identifier: MulanPSL-2.0
// The mappings (VMAs) of this process, as the kernel below has them.
#ifndef GMEM_TESTS_DOUBLES_VMA_LIST_H
#define GMEM_TESTS_DOUBLES_VMA_LIST_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

// Without malloc: /proc/self/maps, a piece at a time.
class VmaList {
 public:
  struct Vma {
    std::uintptr_t begin;
    std::uintptr_t end;
  };

  VmaList();
  ~VmaList();
  VmaList(const VmaList&) = delete;
  VmaList& operator=(const VmaList&) = delete;

  // In order of address; false after the last.
  bool next(Vma* vma);

 private:
  int next_char();
  std::uintptr_t next_number(char end);

  long fd_;
  std::size_t used_ = 0;
  std::size_t size_ = 0;
  char text_[2048];
};

// The first mapping that ends above the address; false where there is none.
bool find_vma(std::uintptr_t address, VmaList::Vma* vma);

// Whether anything is mapped in [begin, end).
bool is_mapped_anywhere(std::uintptr_t begin, std::uintptr_t end);

// The lowest free range of the window of that many bytes, or 0.
std::uintptr_t find_gap_in_window(std::size_t size);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_VMA_LIST_H
