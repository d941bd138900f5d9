// SPDX-License-Identifier: MulanPSL-2.0
#include "host/numa_maps.h"

#include <string.h>

#include "core/small_file.h"
#include "core/text_file.h"
#include "core/vma_walk.h"

namespace gmem::host {
namespace {

// "begin policy [kind] anon=N dirty=N N0=N N1=N ...", without the end.
struct Line {
  std::uintptr_t begin = 0;
  bool has_pages_elsewhere = false;
};

// False at the end of the text.
bool parse(TextFile& text, int node, Line* line) {
  *line = Line();
  int c = text.next();
  if (c == kEndOfText) return false;
  for (; hex_digit(c) >= 0; c = text.next())
    line->begin = line->begin * 16 + static_cast<unsigned>(hex_digit(c));
  while (c != '\n' && c != kEndOfText) {
    const bool starts_a_word = c == ' ';
    c = text.next();
    if (!starts_a_word || c != 'N') continue;
    int named = 0;
    for (c = text.next(); c >= '0' && c <= '9'; c = text.next())
      named = named * 10 + (c - '0');
    if (c == '=' && named != node) line->has_pages_elsewhere = true;
  }
  return true;
}

}  // namespace

bool is_much_of_what_is_resident(const ByteRange& range) {
  constexpr std::size_t kShare = 4;
  // "size resident ...", in pages.
  const SmallFile<128> sizes("/proc/self/statm");
  const char* const resident = strchr(sizes.text(), ' ');
  return resident != nullptr &&
         number_at(resident).value_or(UINT64_MAX) / kShare <=
             range.size() / kernel_page_size();
}

bool mappings_lie_on(const ByteRange& range, int node) {
  TextFile text("/proc/self/numa_maps");
  if (!text.is_open()) return false;
  // The last mapping that begins at or below the range holds its begin, as
  // the range is mapped; those up to its end are within.
  bool elsewhere = false;
  for (Line line; parse(text, node, &line) && line.begin < range.end();) {
    if (line.begin <= range.begin()) elsewhere = false;
    elsewhere |= line.has_pages_elsewhere;
  }
  return !elsewhere;
}

}  // namespace gmem::host
