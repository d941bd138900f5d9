// SPDX-License-Identifier: MulanPSL-2.0
#include "kernel_features.h"

#include <errno.h>
#include <fcntl.h>
#include <numaif.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>

#include "core/kernel_constants.h"
#include "core/page_range.h"

namespace gmeminfo {
namespace {

// Newer than the headers that this may be compiled with.
struct PagemapScan {
  std::uint64_t size;
  std::uint64_t flags;
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t walk_end;
  std::uint64_t regions;
  std::uint64_t region_count;
  std::uint64_t max_pages;
  std::uint64_t category_inverted;
  std::uint64_t category_mask;
  std::uint64_t category_anyof_mask;
  std::uint64_t return_mask;
};
struct PagemapRegion {
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t categories;
};
constexpr std::uint64_t kPageIsPresent = 1 << 3;

struct ProcmapQuery {
  std::uint64_t size;
  std::uint64_t flags;
  std::uint64_t address;
  std::uint64_t found[6];
  std::uint32_t device_and_sizes[4];
  std::uint64_t buffers[2];
};

const unsigned long kPagemapScan = _IOWR('f', 16, PagemapScan);
const unsigned long kProcmapQuery = _IOWR('f', 17, ProcmapQuery);

// One touched 2 MiB page to try things on.
class Trial {
 public:
  Trial() {
    mapping_ = mmap(nullptr, 2 * gmem::kPageSize, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) return;
    page_ = reinterpret_cast<char*>(gmem::page_floor(
        reinterpret_cast<std::uintptr_t>(mapping_) + gmem::kPageSize - 1));
    *page_ = 1;
  }
  ~Trial() {
    if (mapping_ != MAP_FAILED) munmap(mapping_, 2 * gmem::kPageSize);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  bool exists() const { return page_ != nullptr; }
  char* page() const { return page_; }

 private:
  void* mapping_;
  char* page_ = nullptr;
};

int errno_of(long result) { return result < 0 ? errno : 0; }

int try_madvise(const Trial& trial, int advice) {
  return errno_of(madvise(trial.page(), gmem::kPageSize, advice));
}

int try_ioctl(const char* path, unsigned long request, void* argument) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = errno_of(ioctl(fd, request, argument));
  close(fd);
  return error;
}

int try_pagemap_scan(const Trial& trial) {
  PagemapRegion region = {};
  PagemapScan scan = {};
  scan.size = sizeof scan;
  scan.start = reinterpret_cast<std::uintptr_t>(trial.page());
  scan.end = scan.start + gmem::kPageSize;
  scan.regions = reinterpret_cast<std::uintptr_t>(&region);
  scan.region_count = 1;
  scan.category_mask = kPageIsPresent;
  scan.return_mask = kPageIsPresent;
  return try_ioctl("/proc/self/pagemap", kPagemapScan, &scan);
}

int try_procmap_query(const Trial& trial) {
  ProcmapQuery query = {};
  query.size = sizeof query;
  query.address = reinterpret_cast<std::uintptr_t>(trial.page());
  return try_ioctl("/proc/self/maps", kProcmapQuery, &query);
}

int try_vectored_madvise(const Trial& trial) {
  const long self = syscall(SYS_pidfd_open, getpid(), 0);
  if (self < 0) return errno;
  const std::size_t piece = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const iovec pieces[] = {{trial.page(), piece},
                          {trial.page() + 2 * piece, piece}};
  const int error =
      errno_of(syscall(SYS_process_madvise, self, pieces, 2, MADV_DONTNEED, 0));
  close(static_cast<int>(self));
  return error;
}

int try_move_pages_query(const Trial& trial) {
  void* address = trial.page();
  int status = 0;
  return errno_of(move_pages(0, 1, &address, nullptr, &status, 0));
}

int try_mbind(const Trial& trial) {
  return errno_of(
      mbind(trial.page(), gmem::kPageSize, MPOL_PREFERRED, nullptr, 0, 0));
}

int try_set_mempolicy() {
  return errno_of(set_mempolicy(MPOL_PREFERRED, nullptr, 0));
}

}  // namespace

const char* Feature::outcome() const {
  switch (error) {
    case 0:
      return "yes";
    case EPERM:
    case EACCES:
      return "refused";
    case EINVAL:
    case ENOSYS:
    case ENOTTY:
      return "no";
    default:
      return strerror(error);
  }
}

std::vector<Feature> try_kernel_features() {
  const Trial trial;
  if (!trial.exists()) return {};
  return {
      {"MADV_POPULATE_WRITE", try_madvise(trial, MADV_POPULATE_WRITE)},
      {"MADV_COLLAPSE", try_madvise(trial, MADV_COLLAPSE)},
      {"PAGEMAP_SCAN", try_pagemap_scan(trial)},
      {"PROCMAP_QUERY", try_procmap_query(trial)},
      {"move_pages", try_move_pages_query(trial)},
      {"mbind", try_mbind(trial)},
      {"set_mempolicy", try_set_mempolicy()},
      {"MADV_DONTNEED_LOCKED", try_madvise(trial, MADV_DONTNEED_LOCKED)},
      {"process_madvise, vectored, on itself", try_vectored_madvise(trial)},
  };
}

}  // namespace gmeminfo
