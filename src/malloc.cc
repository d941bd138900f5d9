// SPDX-License-Identifier: MulanPSL-2.0
// The members of the exported malloc family that jemalloc lacks, or that fall
// short of POSIX there; the others are its own functions, named in
// heap/jemalloc/exports.c.  All of the family
// or none: a program that got memory from one allocator and freed it with
// another would crash.
#include <errno.h>
#include <gmem_jemalloc.h>
#include <unistd.h>

#include <cstddef>

#include "heap/node_arenas.h"

#define GMEM_EXPORT extern "C" [[gnu::visibility("default")]]

namespace {

std::size_t kernel_page_size() {
  return static_cast<std::size_t>(getpagesize());
}

}  // namespace

// jemalloc's leaves errno as it was, and a block's node out of account.
GMEM_EXPORT void* realloc(void* pointer, std::size_t size) noexcept {
  void* const moved = gmem::heap::reallocate(pointer, size);
  if (moved == nullptr && size != 0) errno = ENOMEM;
  return moved;
}

GMEM_EXPORT void* reallocarray(void* pointer, std::size_t count,
                               std::size_t size) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(pointer, bytes);
}

// jemalloc's aligned_alloc takes any size, and sets errno, which its memalign
// and valloc do not.
GMEM_EXPORT void* memalign(std::size_t alignment, std::size_t size) noexcept {
  return gmem_je_aligned_alloc(alignment, size);
}

GMEM_EXPORT void* valloc(std::size_t size) noexcept {
  return memalign(kernel_page_size(), size);
}

// Whole kernel pages, at least one.
GMEM_EXPORT void* pvalloc(std::size_t size) noexcept {
  const std::size_t page = kernel_page_size();
  std::size_t bytes = 0;
  if (__builtin_add_overflow(size == 0 ? 1 : size, page - 1, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return memalign(page, bytes & ~(page - 1));
}

GMEM_EXPORT void free_sized(void* pointer, std::size_t size) noexcept {
  if (pointer != nullptr) gmem_je_sdallocx(pointer, size, 0);
}

// Of no bytes, jemalloc's aligned_alloc makes a block of one.
GMEM_EXPORT void free_aligned_sized(void* pointer, std::size_t alignment,
                                    std::size_t size) noexcept {
  if (pointer != nullptr)
    gmem_je_sdallocx(pointer, size == 0 ? 1 : size, MALLOCX_ALIGN(alignment));
}
