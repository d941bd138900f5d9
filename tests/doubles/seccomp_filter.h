// SPDX-License-Identifier: MulanPSL-2.0
// Which system calls are caught.
#ifndef GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H
#define GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H

#include <linux/filter.h>

#include <cstddef>
#include <initializer_list>

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {

// Of fixed room: an allocation might be the first of a heap that is yet to
// see what kernel it has.
class FilterProgram {
 public:
  FilterProgram() = default;
  FilterProgram(std::initializer_list<sock_filter> instructions) {
    for (const sock_filter& instruction : instructions) add(instruction);
  }
  void add(const sock_filter& instruction) {
    instructions_[size_++] = instruction;
  }
  void add(const FilterProgram& more) {
    for (std::size_t i = 0; i < more.size_; ++i) add(more.instructions_[i]);
  }
  sock_filter* data() { return instructions_; }
  std::size_t size() const { return size_; }

 private:
  sock_filter instructions_[64];
  std::size_t size_ = 0;
};

FilterProgram filter_for(Generation generation);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H
