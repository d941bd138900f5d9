// SPDX-License-Identifier: MulanPSL-2.0
#include "host/page_scan.h"

#include <errno.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "core/call_again.h"
#include "core/vma_walk.h"
#include "host/page_nodes.h"

namespace gmem::host {
namespace {

// include/uapi/linux/fs.h of Linux 6.7.
struct PmScanArg {
  std::uint64_t size;
  std::uint64_t flags;
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t walk_end;
  std::uint64_t vec;
  std::uint64_t vec_len;
  std::uint64_t max_pages;
  std::uint64_t category_inverted;
  std::uint64_t category_mask;
  std::uint64_t category_anyof_mask;
  std::uint64_t return_mask;
};
static_assert(sizeof(PmScanArg) == 96);
constexpr unsigned long kPagemapScan = _IOWR('f', 16, PmScanArg);
constexpr std::uint64_t kPageIsPresent = 1 << 3;
constexpr std::uint64_t kPageIsZero = 1 << 5;
constexpr std::uint64_t kPageIsHuge = 1 << 6;

// Documentation/admin-guide/mm/pagemap.rst: the bits of an entry.
constexpr std::uint64_t kEntryPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kEntryExclusive = std::uint64_t{1} << 56;
constexpr std::size_t kEntries = 64;

// Reads the entries of the first pages between the two; returns how many, 0
// where there can be no memory, a negative number where they cannot be read.
ssize_t read_entries(const UniqueFd& pagemap, std::uintptr_t begin,
                     std::uintptr_t end, std::uint64_t (&entries)[kEntries]) {
  const std::size_t page = kernel_page_size();
  const std::size_t size =
      std::min((end - begin) / page, kEntries) * sizeof entries[0];
  const auto offset = static_cast<off_t>(begin / page * sizeof entries[0]);
  const ssize_t got =
      call_again([&] { return pread(pagemap.get(), entries, size, offset); });
  return got < 0 ? got : got / static_cast<ssize_t>(sizeof entries[0]);
}

// The pages of zeros, small and huge, are present and nobody's own; but so
// are pages that several processes share.  move_pages tells them apart: it
// knows no node of the former.  Clears the entries of these.
void clear_zero_pages(std::uint64_t* entries, std::size_t count,
                      std::uintptr_t first) {
  void* pages[kEntries];
  std::size_t places[kEntries];
  std::size_t suspects = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if ((entries[i] & kEntryPresent) == 0) continue;
    if ((entries[i] & kEntryExclusive) != 0) continue;
    pages[suspects] = reinterpret_cast<void*>(first + i * kernel_page_size());
    places[suspects++] = i;
  }
  int nodes[kEntries];
  if (suspects == 0 || query_nodes(pages, suspects, nodes) != 0) return;
  for (std::size_t i = 0; i < suspects; ++i)
    if (nodes[i] < 0) entries[places[i]] = 0;
}

}  // namespace

PageScan::PageScan(const ByteRange& range)
    : pagemap_(UniqueFd::open_to_read("/proc/self/pagemap")),
      position_(kernel_pages_around(range).begin()),
      end_(kernel_pages_around(range).end()),
      error_(pagemap_ ? 0 : -ENOSYS) {}

bool PageScan::next(PageRun* run) {
  while (first_ == count_) {
    if (error_ != 0 || position_ >= end_) return false;
    fill();
  }
  const Region& region = regions_[first_++];
  *run = {region.start, region.end, (region.categories & kPageIsHuge) != 0};
  return true;
}

void PageScan::fill() {
  first_ = count_ = 0;
  if (has_scan_) fill_by_scan();
  // Not an else: the first scan finds out whether there is such a thing.
  if (!has_scan_) fill_by_pagemap();
}

void PageScan::fill_by_scan() {
  PmScanArg scan = {};
  scan.size = sizeof scan;
  scan.start = position_;
  scan.end = end_;
  scan.vec = reinterpret_cast<std::uintptr_t>(regions_);
  scan.vec_len = kBatch;
  scan.category_mask = kPageIsPresent | kPageIsZero;
  scan.category_inverted = kPageIsZero;
  scan.return_mask = kPageIsHuge;
  const int found =
      call_again([&] { return ioctl(pagemap_.get(), kPagemapScan, &scan); });
  if (found < 0) {
    has_scan_ = false;
    return;
  }
  count_ = static_cast<std::size_t>(found);
  position_ = scan.walk_end;
}

void PageScan::fill_by_pagemap() {
  const std::size_t page = kernel_page_size();
  std::uint64_t entries[kEntries];
  const std::uintptr_t end = std::min(end_, page_floor(position_) + kPageSize);
  const ssize_t got = read_entries(pagemap_, position_, end, entries);
  if (got <= 0) {
    error_ = got < 0 ? -ENOSYS : -ENOMEM;
    return;
  }
  const auto entry_count = static_cast<std::size_t>(got);
  clear_zero_pages(entries, entry_count, position_);
  for (std::size_t i = 0; i < entry_count; ++i, position_ += page) {
    if ((entries[i] & kEntryPresent) == 0) continue;
    if (count_ > 0 && regions_[count_ - 1].end == position_) {
      regions_[count_ - 1].end += page;
      continue;
    }
    if (count_ == kBatch) return;  // this entry is read again
    regions_[count_++] = {position_, position_ + page, 0};
  }
}

Error resident_bytes(const ByteRange& range, std::size_t* bytes) {
  *bytes = 0;
  PageScan scan(range);
  PageRun run;
  while (scan.next(&run))
    *bytes += ByteRange::from(run.begin, run.end - run.begin)
                  ->clipped_to(range)
                  .size();
  return scan.error();
}

std::size_t exclusive_bytes(const ByteRange& range) {
  constexpr std::uint64_t kOwn = kEntryPresent | kEntryExclusive;
  const std::size_t page = kernel_page_size();
  const ByteRange pages = kernel_pages_around(range);
  const UniqueFd pagemap = UniqueFd::open_to_read("/proc/self/pagemap");
  std::size_t bytes = 0;
  for (std::uintptr_t at = pages.begin(); at < pages.end();) {
    std::uint64_t entries[kEntries];
    const ssize_t count = read_entries(pagemap, at, pages.end(), entries);
    if (count <= 0) break;
    for (ssize_t i = 0; i < count; ++i)
      if ((entries[i] & kOwn) == kOwn) bytes += page;
    at += static_cast<std::size_t>(count) * page;
  }
  return std::min(bytes, range.size());
}

EmptyPages::EmptyPages(const PageRange& pages)
    : scan_(pages.bytes()), position_(pages.begin()), end_(pages.end()) {}

bool EmptyPages::next(PageRange* run) {
  while (position_ < end_) {
    PageRun resident;
    const std::uintptr_t begin = position_;
    std::uintptr_t end = end_;
    if (scan_.next(&resident)) {
      end = resident.begin;
      position_ = resident.end;
    } else {
      if (scan_.error() != 0) return false;
      position_ = end_;
    }
    if (end <= begin) continue;
    *run = PageRange::inward(*ByteRange::from(begin, end - begin));
    if (!run->empty()) return true;
  }
  return false;
}

}  // namespace gmem::host
