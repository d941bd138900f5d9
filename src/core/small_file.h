// SPDX-License-Identifier: MulanPSL-2.0
// Text files of /proc and /sys that are a word or a number, and the paths that
// lead to all of them: read into the caller's frame, without stdio, locale or
// allocation.
#ifndef GMEM_CORE_SMALL_FILE_H
#define GMEM_CORE_SMALL_FILE_H

#include <cstddef>
#include <cstdint>
#include <optional>

namespace gmem {

// A path put together from words and numbers; one that grows too long is
// empty, so that it opens nothing.
class Path {
 public:
  explicit Path(const char* start) { add(start); }
  Path& add(const char* text);
  Path& add(int number);
  const char* c_str() const { return text_; }
  // Leaves the first characters alone.
  Path& cut(std::size_t length);
  // Takes the last component off; false at the root of what was given.
  bool to_parent(std::size_t root_length);
  std::size_t length() const { return length_; }

 private:
  char text_[384] = "";
  std::size_t length_ = 0;
  bool too_long_ = false;
};

// The text of a file, ended by a zero; what exceeds Size is left out.
std::size_t read_text(const char* path, char* buffer, std::size_t size);

template <std::size_t Size>
class SmallFile {
 public:
  explicit SmallFile(const char* path) { read_text(path, text_, Size); }
  const char* text() const { return text_; }
  bool empty() const { return text_[0] == '\0'; }

 private:
  char text_[Size];
};

// The decimal number that the text begins with, blanks skipped.
std::optional<std::uint64_t> number_at(const char* text);

// The number that the file holds.
std::optional<std::uint64_t> number_in_file(const char* path);

}  // namespace gmem

#endif  // GMEM_CORE_SMALL_FILE_H
