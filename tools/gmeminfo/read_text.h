// SPDX-License-Identifier: MulanPSL-2.0
// The small text files of /proc and /sys.
#ifndef GMEM_TOOLS_GMEMINFO_READ_TEXT_H
#define GMEM_TOOLS_GMEMINFO_READ_TEXT_H

#include <cstdint>
#include <optional>
#include <string>

namespace gmeminfo {

// The whole file without its last newline; nothing where it cannot be read.
std::optional<std::string> read_text(const std::string& path);

// A file that holds one number.
std::optional<std::uint64_t> read_number(const std::string& path);

// What follows the first "KEY:" and blanks, up to the end of that line.
std::optional<std::string> field(const std::string& text, const char* key);

// Whether a list such as "0-3,8" holds the number.
bool list_holds(const std::string& list, int number);

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_READ_TEXT_H
