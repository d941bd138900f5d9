// SPDX-License-Identifier: MulanPSL-2.0
// A long text of /proc, read character by character.
#ifndef GMEM_CORE_TEXT_FILE_H
#define GMEM_CORE_TEXT_FILE_H

#include <cstddef>

#include "core/unique_fd.h"

namespace gmem {

inline constexpr int kEndOfText = -1;

// -1 for what is none.
constexpr int hex_digit(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

class TextFile {
 public:
  explicit TextFile(const char* path) : file_(UniqueFd::open_to_read(path)) {}
  bool is_open() const { return static_cast<bool>(file_); }
  int next();

 private:
  const UniqueFd file_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  char text_[4096];
};

}  // namespace gmem

#endif  // GMEM_CORE_TEXT_FILE_H
