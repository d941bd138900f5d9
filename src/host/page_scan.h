// SPDX-License-Identifier: MulanPSL-2.0
// Which pages of a range are resident: read from the page tables, without
// touching the pages.
#ifndef GMEM_HOST_PAGE_SCAN_H
#define GMEM_HOST_PAGE_SCAN_H

#include <cstddef>
#include <cstdint>

#include "core/device.h"
#include "core/page_range.h"
#include "core/unique_fd.h"

namespace gmem::host {

// Resident pages side by side.  huge: each 2 MiB of it is one page, so that
// one address speaks for all; kernels before 6.7 do not tell, and runs end where
// a 2 MiB page does.
struct PageRun {
  std::uintptr_t begin;
  std::uintptr_t end;
  bool huge;
};

// Walks the resident pages of a mapped range in order.  The shared page of
// zeros, which untouched memory reads from, is not resident.  Uses
// PAGEMAP_SCAN, else /proc/self/pagemap, opened for each walk as VmaWalk
// does.
class PageScan {
 public:
  // Widened to whole kernel pages.
  explicit PageScan(const ByteRange& range);

  // False after the last run, or where the page tables cannot be read.
  bool next(PageRun* run);

  // Whether the kernel says which runs are huge, as the first run shows.
  bool tells_huge() const { return has_scan_; }

  // 0, or why the walk ended early: -ENOSYS, the page tables cannot be read;
  // -ENOMEM, there can be no memory there.
  Error error() const { return error_; }

 private:
  // include/uapi/linux/fs.h of Linux 6.7.
  struct Region {
    std::uint64_t start;
    std::uint64_t end;
    std::uint64_t categories;
  };
  static constexpr std::size_t kBatch = 32;  // on callers' stacks

  void fill();
  void fill_by_scan();
  void fill_by_pagemap();

  const UniqueFd pagemap_;
  std::uintptr_t position_;  // not yet looked at from here
  const std::uintptr_t end_;
  bool has_scan_ = true;
  Error error_ = 0;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  Region regions_[kBatch];
};

// Bytes of the range that are resident, on any node.
Error resident_bytes(const ByteRange& range, std::size_t* bytes);

// Bytes of the range in pages that are this process's alone; 0 where the page
// tables cannot be read.
std::size_t exclusive_bytes(const ByteRange& range);

// Walks the runs of whole 2 MiB pages of which nothing is resident.
class EmptyPages {
 public:
  explicit EmptyPages(const PageRange& pages);
  bool next(PageRange* run);

 private:
  PageScan scan_;
  std::uintptr_t position_;
  const std::uintptr_t end_;
};

}  // namespace gmem::host

#endif  // GMEM_HOST_PAGE_SCAN_H
