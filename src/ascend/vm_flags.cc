// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/vm_flags.h"

#include <string.h>

#include "core/text_file.h"

namespace gmem::ascend {
namespace {

// The text consists of lines; of each, this much is of interest.
struct Line {
  char text[256];
  bool begins_with(const char* word) const {
    return strncmp(text, word, strlen(word)) == 0;
  }
};

// "begin-end rights ..." starts the account of a mapping; all other lines have
// a name and a colon.
bool starts_at(const Line& line, std::uintptr_t begin) {
  std::uintptr_t number = 0;
  const char* at = line.text;
  for (; hex_digit(*at) >= 0; ++at)
    number = number * 16 + static_cast<unsigned>(hex_digit(*at));
  return *at == '-' && number == begin;
}

// The flag's own letters; or those for a flag that the kernel has no letters
// for, which all flags of conventional memory have.
bool names_peer_shared(const Line& flags) {
  return strstr(flags.text, " ps") != nullptr ||
         strstr(flags.text, " ??") != nullptr;
}

}  // namespace

bool is_conventional(const Mapping& mapping) {
  TextFile file("/proc/self/smaps");
  if (!file.is_open()) return false;
  Line line;
  bool inside = false;
  while (file.read_line(line.text)) {
    if (starts_at(line, mapping.begin)) inside = true;
    if (inside && line.begins_with("VmFlags:")) return !names_peer_shared(line);
  }
  return false;
}

}  // namespace gmem::ascend
