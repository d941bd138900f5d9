// SPDX-License-Identifier: MulanPSL-2.0
// A text of /proc or /sys, read piece by piece: most are longer than what a
// small stack has room for.
#ifndef GMEM_CORE_TEXT_FILE_H
#define GMEM_CORE_TEXT_FILE_H

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/unique_fd.h"

namespace gmem {

inline constexpr int kEndOfText = -1;

constexpr bool is_digit(int c) { return c >= '0' && c <= '9'; }

// -1 for what is none.
constexpr int hex_digit(int c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

class TextFile {
 public:
  explicit TextFile(const char* path) : file_(UniqueFd::open_to_read(path)) {}
  bool is_open() const { return static_cast<bool>(file_); }
  int descriptor() const { return file_.get(); }

  // The next character; peek leaves it there.
  int next();
  int peek();

  // To right behind the next line start that is this key, or that is it behind
  // the prefix "Node N " which per-node files give each line.  False, and at the
  // end of the text, where there is none.
  bool find_key(const char* key);

  // The decimal number here, blanks skipped.
  std::optional<std::uint64_t> read_number();

  // The rest of the line, without its end; what exceeds the size is left out.
  // False at the end of the text.
  template <std::size_t kSize>
  bool read_line(char (&line)[kSize]) {
    return read_line(line, kSize);
  }

 private:
  bool take(const char* word);
  void skip_line();
  bool read_line(char* line, std::size_t size);

  const UniqueFd file_;
  bool at_line_start_ = true;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  char text_[1024];
};

}  // namespace gmem

#endif  // GMEM_CORE_TEXT_FILE_H
