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

namespace {

// Past "Node N " where the line begins so.
const char* past_node_prefix(const char* line) {
  if (strncmp(line, "Node ", 5) != 0) return line;
  line += 5;
  while (*line >= '0' && *line <= '9') ++line;
  return *line == ' ' ? line + 1 : line;
}

}  // namespace

const char* after_key(const char* text, const char* key) {
  const std::size_t length = strlen(key);
  for (const char* line = text; *line != '\0';) {
    const char* start = past_node_prefix(line);
    if (strncmp(start, key, length) == 0) return start + length;
    const char* end = strchr(line, '\n');
    if (end == nullptr) break;
    line = end + 1;
  }
  return nullptr;
}

std::optional<std::uint64_t> number_after_key(const char* text,
                                              const char* key) {
  const char* value = after_key(text, key);
  return value == nullptr ? std::nullopt : number_at(value);
}

std::optional<std::uint64_t> number_in_file(const char* path) {
  return number_at(SmallFile<32>(path).text());
}

}  // namespace gmem
