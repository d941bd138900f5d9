// SPDX-License-Identifier: MulanPSL-2.0
// The mappings (VMAs) that overlap a range, in order of address.
#ifndef GMEM_CORE_VMA_WALK_H
#define GMEM_CORE_VMA_WALK_H

#include <cstddef>
#include <cstdint>

#include "core/device.h"
#include "core/page_range.h"
#include "core/text_file.h"

namespace gmem {

// 4 KiB, or whatever this kernel was built for.
std::size_t kernel_page_size();

// The kernel pages that the bytes touch, save one at the very top.
ByteRange kernel_pages_around(const ByteRange& bytes);

// 0 where every page of the range is mapped, else -ENOMEM; -EPERM where the
// kernel's policy forbids to ask.  One system call.
Error check_mapped(const ByteRange& range);

// Whether the former is 0.
bool is_mapped_throughout(const ByteRange& range);

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool readable = false;
  bool writable = false;
  bool executable = false;
  bool shared = false;
  bool file_backed = false;  // shared anonymous memory and memfds, too

  bool accessible() const { return readable || writable || executable; }
  bool private_anonymous() const { return !shared && !file_backed; }
  ByteRange bytes() const { return *ByteRange::from(begin, end - begin); }
};

// Opened for each walk and closed with it: after fork, a kept descriptor
// would show the parent's mappings.  Where /proc is not there, a range that
// is mapped throughout is taken for one private anonymous mapping.
class VmaWalk {
 public:
  explicit VmaWalk(const ByteRange& range);

  // The next mapping that overlaps the range; false after the last one.
  bool next(Mapping* mapping);

 private:
  bool query(Mapping* mapping);
  bool parse(Mapping* mapping);
  bool assume(Mapping* mapping);

  enum class Source { kQuery, kText, kAssumption };

  const ByteRange range_;
  TextFile maps_;
  Source source_;
  std::uintptr_t position_;
};

}  // namespace gmem

#endif  // GMEM_CORE_VMA_WALK_H
