// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/discard.h"

#include <errno.h>
#include <sys/mman.h>

#include "doubles/device_memory.h"
#include "doubles/devices_attached.h"
#include "doubles/kernel_lock.h"
#include "doubles/raw_calls.h"
#include "doubles/violations.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

// For what is locked in memory, from Linux 5.18 on.
constexpr int kDontneedLocked = 24;

// Holes are skipped, as is memory that is not peer-shared.
void zap(std::uintptr_t begin, std::uintptr_t end) {
  const Span span = clip_to_window(begin, end);
  if (span.begin == span.end) return;
  const std::size_t size = span.end - span.begin;
  if (raw_call(SYS_madvise, span.begin, size, MADV_DONTNEED) == -EINVAL)
    raw_call(SYS_madvise, span.begin, size, kDontneedLocked);
}

}  // namespace

long discard(std::uintptr_t start, std::size_t size) {
  const std::uintptr_t begin = page_up(start);
  const std::uintptr_t end = page_down(start + size);
  if (start + size < start || (begin == 0 && start != 0)) {
    if (options().generation == Generation::k6_4)
      violation("eager free of a range that wraps");
    return -EINVAL;
  }
  if (begin >= end) return 0;
  const KernelLock lock;
  zap(begin, end);
  drop_from_device(begin, end);
  return 0;
}

}  // namespace gmem_kernel
