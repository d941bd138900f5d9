// SPDX-License-Identifier: MulanPSL-2.0
// Which system calls are caught.
#ifndef GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H
#define GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H

#include <linux/filter.h>

#include <cstddef>
#include <initializer_list>

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {

// Without malloc, which a heap under test may be the one to serve, and which
// would find a kernel without GMEM still.
class Program {
 public:
  Program() = default;
  Program(std::initializer_list<sock_filter> code) { append(code); }
  template <typename Code>
  void append(const Code& code) {
    for (const sock_filter& instruction : code) code_[size_++] = instruction;
  }
  std::size_t size() const { return size_; }
  sock_filter* data() { return code_; }
  const sock_filter* begin() const { return code_; }
  const sock_filter* end() const { return code_ + size_; }

 private:
  std::size_t size_ = 0;
  sock_filter code_[128];
};

Program filter_for(Generation generation);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_SECCOMP_FILTER_H
