// SPDX-License-Identifier: MulanPSL-2.0
// How a page leaves the process for the device.  page_mover.cc does it; in
// ledger_only.cc, for systems without userfaultfd, the pages stay.
#ifndef GMEM_TESTS_DOUBLES_PAGE_MOVER_H
#define GMEM_TESTS_DOUBLES_PAGE_MOVER_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

// Memory of the device's own, of so many pages; its address.  Throws
// std::runtime_error.
std::uintptr_t reserve_device_memory(std::size_t pages);
// Of the copies that a child of fork has of its parent's.
void empty_device_memory(std::uintptr_t memory, std::size_t pages);

// Moves the page of the process there.  Atomic for those who write to it
// meanwhile: they fault either before or after it.
bool move_out(std::uintptr_t page, std::uintptr_t to);
void forget_copy(std::uintptr_t copy);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_PAGE_MOVER_H
