// SPDX-License-Identifier: MulanPSL-2.0
// The members of the exported malloc family that jemalloc lacks, or that fall
// short of POSIX there; the others are its own functions, named in
// heap/jemalloc/exports.c.  All of the family
// or none: a program that got memory from one allocator and freed it with
// another would crash.
#include <errno.h>
#include <gmem_jemalloc.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include <cstddef>
#include <cstdint>

#include "heap/node_arenas.h"
#include "other_heap.h"

#define GMEM_EXPORT extern "C" [[gnu::visibility("default")]]

namespace {

std::size_t kernel_page_size() {
  return static_cast<std::size_t>(getpagesize());
}

constexpr std::size_t kHighestAlignment = SIZE_MAX / 2 + 1;

bool is_power_of_two(std::size_t number) {
  return number != 0 && (number & (number - 1)) == 0;
}

// Of at most the highest alignment.
std::size_t power_of_two_from(std::size_t least) {
  std::size_t power = 1;
  while (power < least) power *= 2;
  return power;
}

bool libc_takes_any_alignment() {
#ifdef __GLIBC__
  constexpr int kFirstMinorThatDoesNot = 38;
  const char* const version = gnu_get_libc_version();
  return version[0] == '2' && atoi(version + 2) < kFirstMinorThatDoesNot;
#else
  return false;
#endif
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

// As glibc: an alignment that is no power of two becomes the next one.
// jemalloc's aligned_alloc takes any size, and sets errno, which its memalign and
// valloc do not.
GMEM_EXPORT void* memalign(std::size_t alignment, std::size_t size) noexcept {
  if (alignment > kHighestAlignment) {
    errno = EINVAL;
    return nullptr;
  }
  return gmem_je_aligned_alloc(power_of_two_from(alignment), size);
}

// Where glibc is older, any alignment, as with memalign; from 2.38 on powers of
// two alone.
GMEM_EXPORT void* aligned_alloc(std::size_t alignment,
                                std::size_t size) noexcept {
  if (is_power_of_two(alignment)) return gmem_je_aligned_alloc(alignment, size);
  if (!libc_takes_any_alignment()) {
    errno = EINVAL;
    return nullptr;
  }
  return memalign(alignment, size);
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
  if (pointer != nullptr && !gmem::free_elsewhere(pointer))
    gmem_je_sdallocx(pointer, size, 0);
}

// Of no bytes, jemalloc's aligned_alloc makes a block of one.
GMEM_EXPORT void free_aligned_sized(void* pointer, std::size_t alignment,
                                    std::size_t size) noexcept {
  if (pointer != nullptr && !gmem::free_elsewhere(pointer))
    gmem_je_sdallocx(pointer, size == 0 ? 1 : size, MALLOCX_ALIGN(alignment));
}

// For programs from before glibc 2.26.
GMEM_EXPORT void cfree(void* pointer) noexcept {
  if (!gmem::free_elsewhere(pointer)) gmem_je_free(pointer);
}
