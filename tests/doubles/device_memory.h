// SPDX-License-Identifier: MulanPSL-2.0
// The device's memory: a fixed number of 2 MiB pages, and the ledger of what
// is in them.  All but the questions need the lock.
#ifndef GMEM_TESTS_DOUBLES_DEVICE_MEMORY_H
#define GMEM_TESTS_DOUBLES_DEVICE_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

// Throws std::runtime_error.
void make_device_memory(std::size_t pages);
// In a forked child, of what came with fork.
void forget_copies_of_parent();
std::size_t slot_count();

// `page`: the address of a 2 MiB page of the window.
bool is_on_device_page(std::uintptr_t page);
bool is_pinned_page(std::uintptr_t page);
// Where the device has its copy.
std::uintptr_t device_copy(std::uintptr_t page);

// Takes the page, with what it holds, out of the process; false where there
// is no room or no mapping.
bool move_to_device(std::uintptr_t page);
void set_pinned(std::uintptr_t page, bool pinned);
// The device gives up its copies of the pages of [begin, end).
void drop_from_device(std::uintptr_t begin, std::uintptr_t end);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_DEVICE_MEMORY_H
