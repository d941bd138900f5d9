// SPDX-License-Identifier: MulanPSL-2.0
// mmap with MAP_PEER_SHARED, and what later happens to such mappings.  The
// results are those of system calls: an address or 0, or -errno.
#ifndef GMEM_TESTS_DOUBLES_MAPPINGS_H
#define GMEM_TESTS_DOUBLES_MAPPINGS_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

// Whether mmap with these flags is for this kernel.
bool is_peer_shared(int flags);
long map_peer_shared(std::uintptr_t address, std::size_t size, int protection,
                     int flags);

// For addresses in the window.
long unmap(std::uintptr_t address, std::size_t size);
long remap();
long protect(std::uintptr_t address, std::size_t size, int protection);

}  // namespace gmem_kernel

#endif  // GMEM_TESTS_DOUBLES_MAPPINGS_H
