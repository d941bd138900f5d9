// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/mappings.h"

#include <errno.h>
#include <sys/mman.h>

#include "core/kernel_constants.h"
#include "doubles/device_memory.h"
#include "doubles/devices_attached.h"
#include "doubles/fault_server.h"
#include "doubles/gmem_abi.h"
#include "doubles/kernel_lock.h"
#include "doubles/raw_calls.h"
#include "doubles/violations.h"
#include "doubles/vma_list.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

constexpr int kFixedFlags = MAP_FIXED | MAP_FIXED_NOREPLACE;

// 0, or the errno of a mapping that is not to be had.
int why_not(std::size_t size, int flags) {
  if (!options().on) return EINVAL;
  if (size == 0 || page_up(size) == 0) return size == 0 ? EINVAL : ENOMEM;
  if ((flags & MAP_TYPE) != MAP_PRIVATE) return EINVAL;
  if ((flags & MAP_HUGETLB) != 0) return EINVAL;
  if ((flags & MAP_ANONYMOUS) == 0) return EINVAL;
  // The newest reserves on the device at once.
  if (options().generation == Generation::kNewest &&
      first_attached_hnid() == kNoNode)
    return ENOMEM;
  return 0;
}

// Never over anything: GMEM kernels do not unmap for MAP_FIXED.
long map_at(std::uintptr_t address, std::size_t size, int protection,
            int flags) {
  if (!in_window(address) || size > kWindowEnd - address) return -ENOMEM;
  const long made =
      raw_mmap(address, size, protection, flags | MAP_FIXED_NOREPLACE);
  if (is_error(made)) return made;
  const auto at = static_cast<std::uintptr_t>(made);
  // Kernels below that do not know the flag take the address for a hint.
  if (at == address && watch_mapping(at, size)) return made;
  raw_call(SYS_munmap, at, size);
  return at == address ? -ENOMEM : -EEXIST;
}

long place(std::uintptr_t wanted, std::size_t size, int protection, int flags) {
  const KernelLock lock;
  const int plain = flags & ~(kFixedFlags | MAP_POPULATE | MAP_LOCKED |
                              peer_shared_flag(options().generation));
  if ((flags & kFixedFlags) != 0)
    return map_at(page_up(wanted), size, protection, plain);
  if (wanted != 0 && in_window(page_up(wanted))) {
    const long made = map_at(page_up(wanted), size, protection, plain);
    if (made != -EEXIST) return made;
  }
  return map_at(find_gap_in_window(size), size, protection, plain);
}

}  // namespace

bool is_peer_shared(int flags) {
  return (flags & peer_shared_flag(options().generation)) != 0;
}

long map_peer_shared(std::uintptr_t address, std::size_t size, int protection,
                     int flags) {
  if (const int error = why_not(size, flags)) return -error;
  const std::size_t whole = page_up(size);
  const long made = place(address, whole, protection, flags);
  if (is_error(made)) return made;
  // Both touch the memory, so not with the lock held.
  if ((flags & MAP_LOCKED) != 0) raw_call(SYS_mlock, made, whole);
  if ((flags & MAP_POPULATE) != 0)
    raw_call(SYS_madvise, made, whole, MADV_POPULATE_WRITE);
  return made;
}

long unmap(std::uintptr_t address, std::size_t size) {
  const KernelLock lock;
  const std::uintptr_t end = page_up(address + size);
  const bool is_whole = page_down(address) == address && size % kPageSize == 0;
  if (!is_whole && is_mapped_anywhere(address, address + size)) {
    violation("munmap of less than whole 2 MiB pages");
    if (page_down(address) != address) return -EINVAL;
  }
  const std::size_t rounded = size == 0 ? 0 : end - address;
  const long result = raw_call(SYS_munmap, address, rounded);
  if (result == 0) drop_from_device(address, address + rounded);
  return result;
}

// No kernel has thought of it: what is on the device would stay behind.
long remap() {
  violation("mremap of a peer-shared mapping");
  return -EINVAL;
}

long protect(std::uintptr_t address, std::size_t size, int protection) {
  if ((page_down(address) != address || size % kPageSize != 0) &&
      is_mapped_anywhere(address, address + size))
    violation("mprotect of less than whole 2 MiB pages");
  return raw_call(SYS_mprotect, address, size, protection);
}

}  // namespace gmem_kernel
