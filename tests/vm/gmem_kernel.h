// SPDX-License-Identifier: MulanPSL-2.0
// The interface of GMEM kernels as a program meets it, with constants of its
// own, and what the double of such a kernel adds: attaching, and its counts.
#ifndef GMEM_TESTS_VM_GMEM_KERNEL_H
#define GMEM_TESTS_VM_GMEM_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "vm/placement.h"

namespace gmem_kernel {

using contract::kPage;

inline constexpr unsigned long kGetHnid = 0x40085501;
inline constexpr unsigned long kMadvise = 0x40205502;
inline constexpr int kPrefetch = 0x1000;
inline constexpr int kPin = 0x1001;
inline constexpr int kUnpin = 0x1002;
inline constexpr int kDiscard = 4;
inline constexpr int kUnknownFailure = 5;

// Linux 6.4, 6.6, and 6.6 as it became.
enum Generation { kV1 = 1, kV2 = 2, kV3 = 3 };

inline int peer_flag(Generation generation) {
  return generation == kV1 ? 0x8000000 : 0x1000000;
}

inline void set_parameter(const std::string& name, const std::string& value) {
  placement::write_to("/sys/module/gmem_double/parameters/" + name, value);
}
inline void set_generation(Generation generation) {
  set_parameter("generation", std::to_string(generation));
}
inline int violations() {
  return std::stoi(
      placement::text_of("/sys/module/gmem_double/parameters/violations"));
}

// The first after the nodes that the machine could have.
inline int expected_hnid() {
  const std::string nodes =
      placement::text_of("/sys/devices/system/node/possible");
  return std::stoi(nodes.substr(nodes.find_last_of(",-") + 1)) + 1;
}

inline std::string node_file(const std::string& name) {
  return "/sys/kernel/mm/gmem/hnode" + std::to_string(expected_hnid()) + "/" +
         name;
}
inline long count(const std::string& name) {
  return std::stol(placement::text_of(node_file(name)));
}
inline long pages_on_device() { return count("nr_activepages"); }

inline void tell_double(const std::string& word) {
  placement::write_to("/dev/gmem_double", word);
}

// /dev/gmem; results are those of the kernel's function: 0, positive, -errno.
class Device {
 public:
  Device() : fd_(open("/dev/gmem", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error("there is no /dev/gmem");
  }
  ~Device() { close(fd_); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  int call(unsigned long request, const void* argument) const {
    const int result = ioctl(fd_, request, argument);
    return result == -1 ? -errno : result;
  }
  int get_hnid(int* hnid) const {
    const struct { int* hnid; } argument = {hnid};
    return call(kGetHnid, &argument);
  }
  int madvise(int hnid, std::uintptr_t start, std::size_t size,
              int behavior) const {
    const struct {
      int hnid;
      std::uintptr_t start;
      std::size_t size;
      int behavior;
    } argument = {hnid, start, size, behavior};
    return call(kMadvise, &argument);
  }
  int prefetch(std::uintptr_t start, std::size_t size) const {
    return madvise(expected_hnid(), start, size, kPrefetch);
  }
  int discard(std::uintptr_t start, std::size_t size) const {
    return madvise(-1, start, size, kDiscard);
  }

 private:
  const int fd_;
};

inline void* map_peer(std::size_t size, Generation generation = kV2,
                      void* address = nullptr, int flags = 0) {
  return mmap(address, size, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | peer_flag(generation) | flags, -1,
              0);
}

// A peer-shared mapping of whole 2 MiB pages.
class PeerArea {
 public:
  explicit PeerArea(std::size_t pages, Generation generation = kV2)
      : size_(pages * kPage), begin_(map_peer(size_, generation)) {
    if (begin_ == MAP_FAILED) throw std::runtime_error("no peer mapping");
  }
  ~PeerArea() { munmap(begin_, size_); }
  PeerArea(const PeerArea&) = delete;
  PeerArea& operator=(const PeerArea&) = delete;

  std::size_t size() const { return size_; }
  char* data(std::size_t offset = 0) const {
    return static_cast<char*>(begin_) + offset;
  }
  std::uintptr_t at(std::size_t offset = 0) const {
    return reinterpret_cast<std::uintptr_t>(data(offset));
  }
  gmem::ByteRange bytes(std::size_t offset, std::size_t size) const {
    return *gmem::ByteRange::from(at(offset), size);
  }
  gmem::ByteRange page(std::size_t number) const {
    return bytes(number * kPage, kPage);
  }
  gmem::ByteRange all() const { return bytes(0, size_); }

 private:
  const std::size_t size_;
  void* const begin_;
};

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_VM_GMEM_KERNEL_H
