// SPDX-License-Identifier: MulanPSL-2.0
// Memory in a known state, and what the kernel says of it, read without the
// library's help.
#ifndef GMEM_TESTS_CONTRACT_MEMORY_H
#define GMEM_TESTS_CONTRACT_MEMORY_H

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "core/page_range.h"

namespace contract {

inline constexpr std::size_t kPage = gmem::kPageSize;

inline std::size_t small_page() {
  return static_cast<std::size_t>(getpagesize());
}

// A mapping of its own of whole 2 MiB pages, with one inaccessible 2 MiB page
// on either side, so that it has nothing to merge with.
class Area {
 public:
  explicit Area(std::size_t pages, int protection = PROT_READ | PROT_WRITE,
                int flags = MAP_PRIVATE | MAP_ANONYMOUS, int fd = -1)
      : size_(pages * kPage), reserved_size_(size_ + 3 * kPage) {
    reserved_ = mmap(nullptr, reserved_size_, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved_ == MAP_FAILED) throw std::runtime_error("no address space");
    begin_ = gmem::page_floor(reinterpret_cast<std::uintptr_t>(reserved_) +
                              2 * kPage - 1);
    if (mmap(data(), size_, protection, flags | MAP_FIXED, fd, 0) == MAP_FAILED)
      throw std::runtime_error("no memory");
  }
  ~Area() { munmap(reserved_, reserved_size_); }
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;

  std::uintptr_t begin() const { return begin_; }
  std::size_t size() const { return size_; }
  char* data(std::size_t offset = 0) const {
    return reinterpret_cast<char*>(begin_ + offset);
  }
  gmem::ByteRange bytes(std::size_t offset, std::size_t count) const {
    return *gmem::ByteRange::from(begin_ + offset, count);
  }
  gmem::ByteRange all() const { return bytes(0, size_); }
  gmem::PageRange pages() const { return gmem::PageRange::inward(all()); }
  gmem::PageRange pages(std::size_t first, std::size_t count) const {
    return gmem::PageRange::inward(bytes(first * kPage, count * kPage));
  }

 private:
  const std::size_t size_;
  const std::size_t reserved_size_;
  void* reserved_;
  std::uintptr_t begin_;
};

// A file without a name that holds `size` bytes of `byte`.
class TemporaryFile {
 public:
  // in_memory: a memfd, else a file in a directory for temporary ones.
  TemporaryFile(std::size_t size, unsigned char byte, bool in_memory)
      : fd_(in_memory ? memfd_create("gmem-test", MFD_CLOEXEC)
                      : open_unnamed()) {
    if (fd_ < 0) throw std::runtime_error("no file");
    const std::vector<unsigned char> part(kPage, byte);
    for (std::size_t at = 0; at < size; at += kPage) {
      const std::size_t count = size - at < kPage ? size - at : kPage;
      if (pwrite(fd_, part.data(), count, static_cast<off_t>(at)) !=
          static_cast<ssize_t>(count))
        throw std::runtime_error("no room for a file");
    }
  }
  ~TemporaryFile() { close(fd_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  int fd() const { return fd_; }
  bool is_in_memory() const {
    struct statfs system = {};
    if (fstatfs(fd_, &system) != 0) throw std::runtime_error("no file system");
    return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
  }

 private:
  static int open_unnamed() {
    FILE* const file = tmpfile();
    if (file == nullptr) return -1;
    const int fd = dup(fileno(file));
    fclose(file);
    return fd;
  }
  int fd_;
};

// A different byte for each address, 4 KiB pages included.
inline char pattern_at(std::uintptr_t address) {
  return static_cast<char>(1 + ((address >> 3) ^ (address >> 12)) % 251);
}

inline void fill(const gmem::ByteRange& range) {
  for (std::uintptr_t at = range.begin(); at < range.end(); ++at)
    *reinterpret_cast<char*>(at) = pattern_at(at);
}

inline bool is_filled(const gmem::ByteRange& range) {
  for (std::uintptr_t at = range.begin(); at < range.end(); ++at)
    if (*reinterpret_cast<const char*>(at) != pattern_at(at)) return false;
  return true;
}

inline bool holds_only(const gmem::ByteRange& range, char byte) {
  for (std::uintptr_t at = range.begin(); at < range.end(); ++at)
    if (*reinterpret_cast<const char*>(at) != byte) return false;
  return true;
}

// Bytes of the kernel pages of the range that the page tables have present,
// the page of zeros included.
inline std::size_t present_bytes(const gmem::ByteRange& range) {
  const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw std::runtime_error("no /proc/self/pagemap");
  const std::size_t count = range.size() / small_page();
  std::vector<std::uint64_t> entries(count);
  const auto size = static_cast<ssize_t>(count * sizeof entries[0]);
  const ssize_t got = pread(
      fd, entries.data(), static_cast<std::size_t>(size),
      static_cast<off_t>(range.begin() / small_page() * sizeof entries[0]));
  close(fd);
  if (got != size) throw std::runtime_error("pagemap ends early");
  std::size_t present = 0;
  for (const std::uint64_t entry : entries)
    if ((entry >> 63) != 0) present += small_page();
  return present;
}

// Sums the numbers that /proc/self/smaps gives under a key ("Locked:") for
// the mappings that overlap the range, in bytes; and counts these mappings.
struct MappingInfo {
  std::size_t bytes = 0;
  int mappings = 0;
};
inline MappingInfo mapping_info(const gmem::ByteRange& range, const char* key) {
  MappingInfo info;
  FILE* const file = fopen("/proc/self/smaps", "re");
  if (file == nullptr) throw std::runtime_error("no /proc/self/smaps");
  char line[512];
  bool inside = false;
  while (fgets(line, sizeof line, file) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    unsigned long kib = 0;
    if (sscanf(line, "%lx-%lx ", &begin, &end) == 2) {
      inside = begin < range.end() && end > range.begin();
      info.mappings += inside;
    } else if (inside && strncmp(line, key, strlen(key)) == 0 &&
               sscanf(line + strlen(key), "%lu", &kib) == 1) {
      info.bytes += kib * 1024;
    }
  }
  fclose(file);
  return info;
}

inline std::size_t locked_bytes(const gmem::ByteRange& range) {
  return mapping_info(range, "Locked:").bytes;
}
inline std::size_t huge_bytes(const gmem::ByteRange& range) {
  return mapping_info(range, "AnonHugePages:").bytes;
}
inline std::size_t dirty_bytes(const gmem::ByteRange& range) {
  return mapping_info(range, "Shared_Dirty:").bytes +
         mapping_info(range, "Private_Dirty:").bytes;
}
inline std::size_t referenced_bytes(const gmem::ByteRange& range) {
  return mapping_info(range, "Referenced:").bytes;
}
inline int mapping_count(const gmem::ByteRange& range) {
  return mapping_info(range, "Size:").mappings;
}

// Whether the system gives huge pages to those who ask.
// MADV_COLLAPSE, Linux 6.1.
inline bool has_collapse() {
  constexpr int kCollapse = 25;
  return madvise(nullptr, 0, kCollapse) == 0;
}

inline bool huge_pages_can_be_had() {
  FILE* const file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");
  if (file == nullptr) return false;
  char text[64] = "";
  const bool read = fgets(text, sizeof text, file) != nullptr;
  fclose(file);
  return read && strstr(text, "[never]") == nullptr;
}

}  // namespace contract

#endif  // GMEM_TESTS_CONTRACT_MEMORY_H
