// SPDX-License-Identifier: MulanPSL-2.0
// glibc's other names for the malloc family.  Wrappers of older programs call
// __libc_malloc where they mean the C library's malloc, and old ones free by
// cfree: a block of one heap would be handed to the other.
#include <cstddef>

#define GMEM_EXPORT extern "C" [[gnu::visibility("default")]]

extern "C" {
void* malloc(std::size_t size) noexcept;
void* calloc(std::size_t count, std::size_t size) noexcept;
void* realloc(void* pointer, std::size_t size) noexcept;
void free(void* pointer) noexcept;
void* memalign(std::size_t alignment, std::size_t size) noexcept;
void* valloc(std::size_t size) noexcept;
void* pvalloc(std::size_t size) noexcept;
}

GMEM_EXPORT void* __libc_malloc(std::size_t size) noexcept {
  return malloc(size);
}

GMEM_EXPORT void* __libc_calloc(std::size_t count, std::size_t size) noexcept {
  return calloc(count, size);
}

GMEM_EXPORT void* __libc_realloc(void* pointer, std::size_t size) noexcept {
  return realloc(pointer, size);
}

GMEM_EXPORT void __libc_free(void* pointer) noexcept { free(pointer); }

GMEM_EXPORT void* __libc_memalign(std::size_t alignment,
                                  std::size_t size) noexcept {
  return memalign(alignment, size);
}

GMEM_EXPORT void* __libc_valloc(std::size_t size) noexcept {
  return valloc(size);
}

GMEM_EXPORT void* __libc_pvalloc(std::size_t size) noexcept {
  return pvalloc(size);
}
