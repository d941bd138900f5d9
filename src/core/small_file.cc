// SPDX-License-Identifier: MulanPSL-2.0
#include "core/small_file.h"

#include <string.h>

#include "core/call_again.h"
#include "core/unique_fd.h"

namespace gmem {

Path& Path::add(const char* text) {
  const std::size_t added = strlen(text);
  if (too_long_ || length_ + added >= sizeof text_) {
    too_long_ = true;
    length_ = 0;
    text_[0] = '\0';
    return *this;
  }
  memcpy(text_ + length_, text, added + 1);
  length_ += added;
  return *this;
}

Path& Path::add(int number) {
  char digits[12];
  char* first = digits + sizeof digits - 1;
  *first = '\0';
  do {
    *--first = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return add(first);
}

Path& Path::cut(std::size_t length) {
  length_ = length;
  text_[length] = '\0';
  return *this;
}

bool Path::to_parent(std::size_t root_length) {
  if (length_ <= root_length) return false;
  while (length_ > root_length && text_[--length_] != '/') {
  }
  text_[length_] = '\0';
  return true;
}

std::size_t read_text(const char* path, char* buffer, std::size_t size) {
  std::size_t length = 0;
  const UniqueFd file = UniqueFd::open_to_read(path);
  while (file && length + 1 < size) {
    const ssize_t got = call_again(
        [&] { return read(file.get(), buffer + length, size - 1 - length); });
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  buffer[length] = '\0';
  return length;
}

std::optional<std::uint64_t> number_at(const char* text) {
  while (*text == ' ' || *text == '\t') ++text;
  if (*text < '0' || *text > '9') return std::nullopt;
  std::uint64_t number = 0;
  for (; *text >= '0' && *text <= '9'; ++text)
    number = number * 10 + static_cast<std::uint64_t>(*text - '0');
  return number;
}

std::optional<std::uint64_t> number_in_file(const char* path) {
  return number_at(SmallFile<32>(path).text());
}

}  // namespace gmem
