// SPDX-License-Identifier: MulanPSL-2.0
// The interface of /dev/gmem by plain system calls, for tests of the double.
#ifndef GMEM_TESTS_DOUBLES_PEER_MEMORY_H
#define GMEM_TESTS_DOUBLES_PEER_MEMORY_H

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "doubles/gmem_abi.h"

namespace gmem_kernel {

// /dev/gmem of the kernel that was installed.
class Device {
 public:
  Device() : fd_(open(kDevicePath, O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error("no /dev/gmem");
  }
  ~Device() { close(fd_); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // 0, -errno, or the positive number that the kernel let out.
  int request(unsigned number, const void* argument) const {
    const int result = ioctl(fd_, number, argument);
    return result == -1 ? -errno : result;
  }
  int advise(int hnid, std::uintptr_t start, std::size_t size,
             int behavior) const {
    const MadviseArgument argument = {hnid, start, size, behavior};
    return request(kMadviseRequest, &argument);
  }
  int get_hnid(int* answer) const {
    const HnidArgument argument = {answer};
    return request(kGetHnidRequest, &argument);
  }

 private:
  const int fd_;
};

// A peer-shared mapping.
class PeerMemory {
 public:
  explicit PeerMemory(std::size_t pages, Generation generation)
      : size_(pages * kPageSize),
        data_(static_cast<char*>(
            mmap(nullptr, size_, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | peer_shared_flag(generation), -1,
                 0))) {
    if (data_ == MAP_FAILED) throw std::runtime_error("no peer memory");
  }
  ~PeerMemory() { munmap(data_, size_); }
  PeerMemory(const PeerMemory&) = delete;
  PeerMemory& operator=(const PeerMemory&) = delete;

  std::size_t size() const { return size_; }
  std::uintptr_t begin() const {
    return reinterpret_cast<std::uintptr_t>(data_);
  }
  volatile char& operator[](std::size_t offset) { return data_[offset]; }
  char* data() const { return data_; }
  void fill(char byte) { memset(data_, byte, size_); }
  bool holds_only(char byte) const {
    for (std::size_t at = 0; at < size_; ++at)
      if (data_[at] != byte) return false;
    return true;
  }
  std::size_t on_device() const { return bytes_on_device(begin(), size_); }

 private:
  const std::size_t size_;
  char* const data_;
};

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_PEER_MEMORY_H
