// SPDX-License-Identifier: MulanPSL-2.0
// Ranges of addresses: bytes as a caller names them, and the whole 2 MiB
// pages inside or around them.  A range that exists is a valid range: it
// cannot wrap around the address space.
#ifndef GMEM_CORE_PAGE_RANGE_H
#define GMEM_CORE_PAGE_RANGE_H

#include <cstddef>
#include <cstdint>
#include <optional>

namespace gmem {

inline constexpr std::size_t kPageSize = std::size_t{2} << 20;

constexpr std::uintptr_t page_floor(std::uintptr_t address) {
  return address & ~(kPageSize - 1);
}

// Bytes [begin, end) with begin <= end.
class ByteRange {
 public:
  static constexpr std::optional<ByteRange> from(std::uintptr_t address,
                                                 std::size_t size) {
    std::uintptr_t end = 0;
    if (__builtin_add_overflow(address, size, &end)) return std::nullopt;
    return ByteRange(address, end);
  }

  constexpr std::uintptr_t begin() const { return begin_; }
  constexpr std::uintptr_t end() const { return end_; }
  constexpr std::size_t size() const { return end_ - begin_; }
  constexpr bool empty() const { return begin_ == end_; }
  constexpr bool operator==(const ByteRange& other) const {
    return begin_ == other.begin_ && end_ == other.end_;
  }

  // The bytes that lie in both; empty at its own begin where there are none.
  constexpr ByteRange clipped_to(const ByteRange& other) const {
    const std::uintptr_t low = begin_ > other.begin_ ? begin_ : other.begin_;
    const std::uintptr_t high = end_ < other.end_ ? end_ : other.end_;
    return low < high ? ByteRange(low, high) : ByteRange(low, low);
  }

 private:
  friend class PageRange;
  constexpr ByteRange(std::uintptr_t begin, std::uintptr_t end)
      : begin_(begin), end_(end) {}

  std::uintptr_t begin_;
  std::uintptr_t end_;
};

// Whole 2 MiB pages: both ends are multiples of kPageSize.
class PageRange {
 public:
  // The whole pages inside the bytes.
  static constexpr PageRange inward(const ByteRange& bytes) {
    const std::uintptr_t last = page_floor(bytes.end());
    std::uintptr_t first = 0;
    if (__builtin_add_overflow(bytes.begin(), kPageSize - 1, &first))
      return PageRange(last, last);
    first = page_floor(first);
    return first < last ? PageRange(first, last) : PageRange(last, last);
  }

  // The pages that the bytes touch; none for no bytes.  The page at the very
  // top of the address space has no representable end, so it is left out: no
  // kernel maps user memory there.
  static constexpr PageRange outward(const ByteRange& bytes) {
    const std::uintptr_t first = page_floor(bytes.begin());
    if (bytes.empty()) return PageRange(first, first);
    std::uintptr_t last = 0;
    if (__builtin_add_overflow(bytes.end(), kPageSize - 1, &last))
      last = UINTPTR_MAX;
    return PageRange(first, page_floor(last));
  }

  constexpr std::uintptr_t begin() const { return begin_; }
  constexpr std::uintptr_t end() const { return end_; }
  constexpr std::size_t size() const { return end_ - begin_; }
  constexpr std::size_t page_count() const { return size() / kPageSize; }
  constexpr bool empty() const { return begin_ == end_; }
  constexpr ByteRange bytes() const { return ByteRange(begin_, end_); }
  constexpr bool operator==(const PageRange& other) const {
    return begin_ == other.begin_ && end_ == other.end_;
  }

 private:
  constexpr PageRange(std::uintptr_t begin, std::uintptr_t end)
      : begin_(begin), end_(end) {}

  std::uintptr_t begin_;
  std::uintptr_t end_;
};

}  // namespace gmem

#endif  // GMEM_CORE_PAGE_RANGE_H
