// SPDX-License-Identifier: MulanPSL-2.0
#include "core/log.h"

#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

#include "core/keep_errno.h"

namespace gmem {
namespace {

// A line of bounded length: what is too long ends in "...".
class Line {
 public:
  void append(char c) {
    if (length_ == kCapacity) {
      memcpy(text_ + kCapacity - 3, "...", 3);
      return;
    }
    // What others wrote (a file name, a setting) cannot break the line.
    const bool printable = static_cast<unsigned char>(c) >= ' ' && c != 127;
    text_[length_++] = printable ? c : '?';
  }

  void append(const char* text) {
    for (; *text != '\0'; ++text) append(*text);
  }

  void append(unsigned long number, unsigned base) {
    char digits[20];  // of 2^64 - 1 in decimal
    std::size_t first = sizeof digits;
    do {
      digits[--first] = "0123456789abcdef"[number % base];
      number /= base;
    } while (number != 0);
    while (first < sizeof digits) append(digits[first++]);
  }

  void append_signed(int number) {
    if (number < 0) append('-');
    append(number < 0 ? 0 - static_cast<unsigned long>(number)
                      : static_cast<unsigned long>(number),
           10);
  }

  // Not write(2) itself, which is a cancellation point.
  void write_to(int fd) {
    text_[length_] = '\n';
    syscall(SYS_write, fd, text_, length_ + 1);
  }

 private:
  static constexpr std::size_t kCapacity = 511;
  char text_[kCapacity + 1];
  std::size_t length_ = 0;
};

// Appends what the conversion at the start of specification asks for, and
// returns the specification's end.
const char* convert(Line& line, const char* specification, va_list* values) {
  if (specification[0] == 's') {
    const char* text = va_arg(*values, const char*);
    line.append(text != nullptr ? text : "(null)");
    return specification + 1;
  }
  if (specification[0] == 'd') {
    line.append_signed(va_arg(*values, int));
    return specification + 1;
  }
  if (specification[0] == 'u') {
    line.append(va_arg(*values, unsigned), 10);
    return specification + 1;
  }
  if (specification[0] == 'z' && specification[1] == 'u') {
    line.append(va_arg(*values, std::size_t), 10);
    return specification + 2;
  }
  if (specification[0] == 'l' && specification[1] == 'x') {
    line.append(va_arg(*values, unsigned long), 16);
    return specification + 2;
  }
  line.append('%');
  return specification[0] == '%' ? specification + 1 : specification;
}

}  // namespace

void log(LogLevel level, const char* format, ...) {
  // Errors are said whatever the level, so that conf() itself can report.
  if (level != LogLevel::kError && level > conf().log) return;
  const KeepErrno keep_errno;
  Line line;
  line.append("libgmem: ");
  va_list values;
  va_start(values, format);
  while (*format != '\0') {
    if (*format == '%')
      format = convert(line, format + 1, &values);
    else
      line.append(*format++);
  }
  va_end(values);
  line.write_to(STDERR_FILENO);
}

}  // namespace gmem
