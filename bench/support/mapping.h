// SPDX-License-Identifier: MulanPSL-2.0
// Private anonymous memory that begins at a multiple of 2 MiB.
#ifndef GMEM_BENCH_MAPPING_H
#define GMEM_BENCH_MAPPING_H

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "core/page_range.h"
#include "support/report.h"

namespace bench {

class Mapping {
 public:
  explicit Mapping(std::size_t size)
      : size_(size), reserved_size_(size + gmem::kPageSize) {
    reserved_ = mmap(nullptr, reserved_size_, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved_ == MAP_FAILED) fail("mmap", strerror(errno));
    begin_ = gmem::page_floor(reinterpret_cast<std::uintptr_t>(reserved_) +
                              gmem::kPageSize - 1);
    if (mprotect(at(0), size_, PROT_READ | PROT_WRITE) != 0)
      fail("mprotect", strerror(errno));
  }
  ~Mapping() { munmap(reserved_, reserved_size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::uintptr_t begin() const { return begin_; }
  std::size_t size() const { return size_; }
  char* at(std::size_t offset) const {
    return reinterpret_cast<char*>(begin_ + offset);
  }
  void advise(int advice) const {
    if (madvise(at(0), size_, advice) != 0) fail("madvise", strerror(errno));
  }

 private:
  const std::size_t size_;
  const std::size_t reserved_size_;
  void* reserved_;
  std::uintptr_t begin_;
};

}  // namespace bench

#endif  // GMEM_BENCH_MAPPING_H
