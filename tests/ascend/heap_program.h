// SPDX-License-Identifier: MulanPSL-2.0
// For programs linked with libgmem, whose malloc is thus its heap, over the
// double of the kernel (doubles/early_kernel.cc).
#ifndef GMEM_TESTS_ASCEND_HEAP_PROGRAM_H
#define GMEM_TESTS_ASCEND_HEAP_PROGRAM_H

#include <libgmem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "ascend/loaded_runtime.h"
#include "contract/memory.h"
#include "doubles/gmem_kernel.h"
#include "doubles/window.h"

namespace heap_program {

inline constexpr std::size_t kMiB = std::size_t{1} << 20;
inline constexpr std::size_t kPage = 2 * kMiB;
// Blocks from here on go back to the system as soon as they are freed.
inline constexpr std::size_t kBig = 16 * kMiB;

inline std::uintptr_t address_of(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block);
}
inline bool is_peer_shared(const void* block) {
  return gmem_kernel::in_window(address_of(block));
}

// A block of the heap's with contents that tell their place in it.
class Block {
 public:
  explicit Block(std::size_t size)
      : size_(size), data_(static_cast<char*>(malloc(size))) {
    if (data_ == nullptr) throw std::bad_alloc();
  }
  ~Block() { free(data_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  char* data() const { return data_; }
  std::size_t size() const { return size_; }
  void resize(std::size_t size) {
    void* const moved = realloc(data_, size);
    if (moved == nullptr) throw std::bad_alloc();
    data_ = static_cast<char*>(moved);
    size_ = size;
  }
  void fill() const { fill(0); }
  void fill(std::size_t from) const {
    for (std::size_t at = from; at < size_; at += kStep)
      memset(data_ + at, value_at(at), at + kStep < size_ ? 8 : 1);
  }
  bool is_filled() const { return is_filled(0, size_); }
  bool is_filled(std::size_t begin, std::size_t end) const {
    for (std::size_t at = begin; at < end; at += kStep)
      if (data_[at] != value_at(at)) return false;
    return true;
  }
  int prefetch(int node) const { return prefetch(0, size_, node); }
  int prefetch(std::size_t offset, std::size_t size, int node) const {
    return gmemPrefetch(address_of(data_) + offset, size, node, nullptr);
  }
  std::size_t on_device() const {
    return gmem_kernel::bytes_on_device(address_of(data_), size_);
  }

 private:
  static constexpr std::size_t kStep = 256;
  static char value_at(std::size_t offset) {
    return static_cast<char>(1 + offset / kStep % 251);
  }
  std::size_t size_;
  char* data_;
};

// The card, as the program has it: the runtime loaded, the calls served by
// the device for it.
class Npu {
 public:
  Npu() : runtime_(ascend::kFull) {
    if (strcmp(gmemDeviceName(), "ascend") != 0)
      throw std::runtime_error("another device serves");
  }
  int node() const { return gmemGetNumaId(); }

 private:
  const ascend::LoadedRuntime runtime_;
};

// Address space of peer-shared mappings.
inline std::size_t peer_shared_bytes() {
  FILE* const file = fopen("/proc/self/maps", "re");
  if (file == nullptr) throw std::runtime_error("no /proc/self/maps");
  std::size_t bytes = 0;
  char line[512];
  while (fgets(line, sizeof line, file) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    if (sscanf(line, "%lx-%lx ", &begin, &end) == 2 &&
        gmem_kernel::in_window(begin))
      bytes += end - begin;
  }
  fclose(file);
  return bytes;
}

}  // namespace heap_program

#endif  // GMEM_TESTS_ASCEND_HEAP_PROGRAM_H
