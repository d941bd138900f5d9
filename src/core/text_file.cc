// SPDX-License-Identifier: MulanPSL-2.0
#include "core/text_file.h"

#include <unistd.h>

#include "core/call_again.h"

namespace gmem {

int TextFile::peek() {
  if (begin_ == end_) {
    if (!file_) return kEndOfText;
    const ssize_t got =
        call_again([&] { return read(file_.get(), text_, sizeof text_); });
    if (got <= 0) return kEndOfText;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  return static_cast<unsigned char>(text_[begin_]);
}

int TextFile::next() {
  const int c = peek();
  if (c == kEndOfText) return c;
  ++begin_;
  at_line_start_ = c == '\n';
  return c;
}

// As far as the text goes along with it.
bool TextFile::take(const char* word) {
  for (; *word != '\0'; ++word) {
    if (peek() != *word) return false;
    next();
  }
  return true;
}

void TextFile::skip_line() {
  for (int c = next(); c != '\n' && c != kEndOfText;) c = next();
}

bool TextFile::find_key(const char* key) {
  if (!at_line_start_) skip_line();
  for (; peek() != kEndOfText; skip_line()) {
    if (peek() == 'N' && *key != 'N') {
      if (!take("Node ")) continue;
      while (is_digit(peek())) next();
      if (!take(" ")) continue;
    }
    if (take(key)) return true;
  }
  return false;
}

std::optional<std::uint64_t> TextFile::read_number() {
  while (peek() == ' ' || peek() == '\t') next();
  if (!is_digit(peek())) return std::nullopt;
  std::uint64_t number = 0;
  while (is_digit(peek()))
    number = number * 10 + static_cast<std::uint64_t>(next() - '0');
  return number;
}

bool TextFile::read_line(char* line, std::size_t size) {
  if (peek() == kEndOfText) return false;
  std::size_t length = 0;
  for (int c = next(); c != '\n' && c != kEndOfText; c = next())
    if (length + 1 < size) line[length++] = static_cast<char>(c);
  line[length] = '\0';
  return true;
}

}  // namespace gmem
