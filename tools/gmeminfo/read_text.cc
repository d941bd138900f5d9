// SPDX-License-Identifier: MulanPSL-2.0
#include "read_text.h"

#include <stdio.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

namespace gmeminfo {

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  // sysfs has files that open and then fail to be read.
  if (file.bad() || text.fail()) return std::nullopt;
  std::string all = text.str();
  if (!all.empty() && all.back() == '\n') all.pop_back();
  return all;
}

std::optional<std::uint64_t> read_number(const std::string& path) {
  const std::optional<std::string> text = read_text(path);
  if (!text) return std::nullopt;
  char* end = nullptr;
  const unsigned long long number = strtoull(text->c_str(), &end, 10);
  if (end == text->c_str() || *end != '\0') return std::nullopt;
  return number;
}

std::optional<std::string> field(const std::string& text, const char* key) {
  const std::string label = std::string(key) + ":";
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = text.find_first_not_of(" \t", at + label.size());
  if (begin == std::string::npos) return std::nullopt;
  return text.substr(begin, text.find('\n', begin) - begin);
}

bool list_holds(const std::string& list, int number) {
  std::istringstream ranges(list);
  for (std::string range; std::getline(ranges, range, ',');) {
    int first = 0;
    int last = 0;
    const int found = sscanf(range.c_str(), "%d-%d", &first, &last);
    if (found == 1) last = first;
    if (found >= 1 && first <= number && number <= last) return true;
  }
  return false;
}

}  // namespace gmeminfo
