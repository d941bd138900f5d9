// SPDX-License-Identifier: MulanPSL-2.0
#include "core/vma_walk.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "core/call_again.h"

namespace gmem {
namespace {

// include/uapi/linux/fs.h of Linux 6.11, which C libraries' kernel headers
// often lag behind.
struct ProcmapQuery {
  std::uint64_t size;
  std::uint64_t query_flags;
  std::uint64_t query_addr;
  std::uint64_t vma_start;
  std::uint64_t vma_end;
  std::uint64_t vma_flags;
  std::uint64_t vma_page_size;
  std::uint64_t vma_offset;
  std::uint64_t inode;
  std::uint32_t dev_major;
  std::uint32_t dev_minor;
  std::uint32_t vma_name_size;
  std::uint32_t build_id_size;
  std::uint64_t vma_name_addr;
  std::uint64_t build_id_addr;
};
static_assert(sizeof(ProcmapQuery) == 104);
constexpr unsigned long kProcmapQuery = _IOWR('f', 17, ProcmapQuery);
constexpr std::uint64_t kVmaReadable = 0x01;
constexpr std::uint64_t kVmaWritable = 0x02;
constexpr std::uint64_t kVmaExecutable = 0x04;
constexpr std::uint64_t kVmaShared = 0x08;
constexpr std::uint64_t kCoveringOrNextVma = 0x10;

void append_hex_digit(std::uintptr_t& number, int c) {
  number = number * 16 + static_cast<unsigned>(hex_digit(c));
}

}  // namespace

std::size_t kernel_page_size() {
  return static_cast<std::size_t>(getpagesize());
}

ByteRange kernel_pages_around(const ByteRange& bytes) {
  const std::uintptr_t mask = kernel_page_size() - 1;
  const std::uintptr_t begin = bytes.begin() & ~mask;
  const std::uintptr_t end =
      bytes.end() > UINTPTR_MAX - mask ? ~mask : (bytes.end() + mask) & ~mask;
  return *ByteRange::from(begin, end - begin);
}

Error check_mapped(const ByteRange& range) {
  const ByteRange pages = kernel_pages_around(range);
  const int result = call_again([&] {
    return msync(reinterpret_cast<void*>(pages.begin()), pages.size(),
                 MS_ASYNC);
  });
  if (result == 0) return 0;
  return errno == ENOMEM ? -ENOMEM : -EPERM;
}

bool is_mapped_throughout(const ByteRange& range) {
  return check_mapped(range) == 0;
}

VmaWalk::VmaWalk(const ByteRange& range)
    : range_(range),
      maps_("/proc/self/maps"),
      source_(maps_.is_open() ? Source::kQuery : Source::kAssumption),
      position_(range.begin()) {}

bool VmaWalk::next(Mapping* mapping) {
  if (position_ >= range_.end()) return false;
  bool found = false;
  if (source_ == Source::kQuery) found = query(mapping);
  // Not an else: a query that the kernel does not know changes the source.
  if (source_ == Source::kText) found = parse(mapping);
  if (source_ == Source::kAssumption) found = assume(mapping);
  if (!found || mapping->begin >= range_.end()) {
    position_ = range_.end();
    return false;
  }
  position_ = mapping->end;
  return true;
}

bool VmaWalk::query(Mapping* mapping) {
  ProcmapQuery vma = {};
  vma.size = sizeof vma;
  vma.query_flags = kCoveringOrNextVma;
  vma.query_addr = position_;
  if (call_again([&] {
        return ioctl(maps_.descriptor(), kProcmapQuery, &vma);
      }) != 0) {
    if (errno != ENOENT) source_ = Source::kText;
    return false;
  }
  mapping->begin = vma.vma_start;
  mapping->end = vma.vma_end;
  mapping->readable = (vma.vma_flags & kVmaReadable) != 0;
  mapping->writable = (vma.vma_flags & kVmaWritable) != 0;
  mapping->executable = (vma.vma_flags & kVmaExecutable) != 0;
  mapping->shared = (vma.vma_flags & kVmaShared) != 0;
  mapping->file_backed = vma.inode != 0;
  return true;
}

// "begin-end rwxs offset major:minor inode path", inode 0 for anonymous.
bool VmaWalk::parse(Mapping* mapping) {
  do {
    *mapping = Mapping();
    int c = maps_.next();
    for (; hex_digit(c) >= 0; c = maps_.next())
      append_hex_digit(mapping->begin, c);
    if (c != '-') return false;
    for (c = maps_.next(); hex_digit(c) >= 0; c = maps_.next())
      append_hex_digit(mapping->end, c);
    mapping->readable = maps_.next() == 'r';
    mapping->writable = maps_.next() == 'w';
    mapping->executable = maps_.next() == 'x';
    mapping->shared = maps_.next() == 's';
    for (int blanks = 0; blanks < 3;) {
      c = maps_.next();
      if (c == kEndOfText) return false;
      if (c == ' ') ++blanks;
    }
    c = maps_.next();
    mapping->file_backed = c != '0';
    while (c != '\n' && c != kEndOfText) c = maps_.next();
  } while (mapping->end <= position_);
  return true;
}

bool VmaWalk::assume(Mapping* mapping) {
  if (!is_mapped_throughout(range_)) return false;
  const ByteRange pages = kernel_pages_around(range_);
  *mapping = Mapping();
  mapping->begin = pages.begin();
  mapping->end = pages.end();
  mapping->readable = mapping->writable = true;
  return true;
}

}  // namespace gmem
