// SPDX-License-Identifier: MulanPSL-2.0
// copy_from_user and copy_to_user: false where the kernel would answer
// EFAULT.  Never with the lock held, as peer-shared memory may be read.
#ifndef GMEM_TESTS_DOUBLES_USER_MEMORY_H
#define GMEM_TESTS_DOUBLES_USER_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

bool copy_from_user(void* to, std::uintptr_t from, std::size_t size);
bool copy_to_user(std::uintptr_t to, const void* from, std::size_t size);

// Whether the text at the address is this one, its end included.
bool is_user_text(std::uintptr_t address, const char* text);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_USER_MEMORY_H
