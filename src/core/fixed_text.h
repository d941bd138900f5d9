// SPDX-License-Identifier: MulanPSL-2.0
// Text put together in place; what is too long is cut off.
#ifndef GMEM_CORE_FIXED_TEXT_H
#define GMEM_CORE_FIXED_TEXT_H

#include <string.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace gmem {

template <std::size_t kSize>
class FixedText {
 public:
  FixedText& add(const char* text) {
    const std::size_t count = std::min(strlen(text), kSize - 1 - length_);
    memcpy(text_ + length_, text, count);
    length_ += count;
    text_[length_] = '\0';
    return *this;
  }
  FixedText& add_number(std::uint64_t number) {
    char digits[20 + 1] = "";
    char* first = digits + sizeof digits - 1;
    do {
      *--first = static_cast<char>('0' + number % 10);
    } while ((number /= 10) != 0);
    return add(first);
  }
  void clear() { text_[length_ = 0] = '\0'; }
  const char* c_str() const { return text_; }

 private:
  std::size_t length_ = 0;
  char text_[kSize] = "";
};

}  // namespace gmem

#endif  // GMEM_CORE_FIXED_TEXT_H
