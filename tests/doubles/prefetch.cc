// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/prefetch.h"

#include <errno.h>
#include <sys/mman.h>

#include "doubles/call_log.h"
#include "doubles/device_memory.h"
#include "doubles/devices_attached.h"
#include "doubles/kernel_lock.h"
#include "doubles/raw_calls.h"
#include "doubles/violations.h"
#include "doubles/vma_list.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

bool is_6_4() { return options().generation == Generation::k6_4; }

// Marks of earlier touches by the CPU go with the pin.
void unpin(std::uintptr_t page) {
  if (is_pinned_page(page))
    raw_call(SYS_madvise, page, kPageSize, MADV_DONTNEED);
  set_pinned(page, false);
}

bool prefetch_page(int hnid, std::uintptr_t page, Pinning pinning) {
  const KernelLock lock;
  if (take_ordered_page_failure(page)) return false;
  if (!in_window(page) || !is_attached_hnid(hnid)) return false;
  if (!is_on_device_page(page) && !move_to_device(page)) return false;
  if (pinning == Pinning::kPin) set_pinned(page, true);
  if (pinning == Pinning::kUnpin) unpin(page);
  return true;
}

// All pages are tried, whatever becomes of some.
long prefetch_pages(int hnid, std::uintptr_t begin, std::uintptr_t end,
                    Pinning pinning) {
  long result = 0;
  for (std::uintptr_t page = begin; page < end; page += kPageSize)
    if (!prefetch_page(hnid, page, pinning)) result = -EFAULT;
  return result;
}

bool is_inside_one_mapping(std::uintptr_t begin, std::uintptr_t end) {
  VmaList::Vma vma;
  return find_vma(begin, &vma) && vma.begin <= begin && end <= vma.end;
}

}  // namespace

long prefetch(int hnid, std::uintptr_t start, std::size_t size,
              Pinning pinning) {
  const std::uintptr_t begin = page_down(start);
  const std::uintptr_t end = page_up(start + size);
  if (start + size < start || (end == 0 && start + size != 0)) {
    if (is_6_4()) violation("prefetch of a range that wraps");
    return -EINVAL;
  }
  if (begin == end && !is_6_4()) return 0;
  if (!is_inside_one_mapping(begin, end)) return kRetUnknown;
  if (!in_window(begin) && !is_6_4()) return kRetUnknown;
  return prefetch_pages(hnid, begin, end, pinning);
}

}  // namespace gmem_kernel
