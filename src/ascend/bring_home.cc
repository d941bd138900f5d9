// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/bring_home.h"

#include <errno.h>
#include <sys/mman.h>

#include "ascend/mapping_kind.h"
#include "ascend/peer_flag.h"
#include "ascend/vm_flags.h"
#include "core/call_again.h"
#include "core/host.h"
#include "core/kernel_constants.h"
#include "core/range_extent.h"
#include "core/vma_walk.h"

namespace gmem::ascend {
namespace {

// The kernel touches on our behalf: a page that is pinned to a device is then
// an error, not a SIGBUS.
Error touch(const PageRange& pages, int advice) {
  const int result = call_again([&] {
    const int once =
        madvise(reinterpret_cast<void*>(pages.begin()), pages.size(), advice);
    if (once != 0 && errno == EAGAIN) errno = EINTR;
    return once;
  });
  if (result == 0) return 0;
  return errno == ENOMEM ? -ENOMEM : -EBUSY;
}

// One that cannot be had, as those that are pinned, keeps none of the others
// back.
Error touch_each(const PageRange& pages, int advice) {
  Error first_error = 0;
  for (std::uintptr_t page = pages.begin(); page < pages.end();
       page += kPageSize) {
    const Error error =
        touch(PageRange::inward(*ByteRange::from(page, kPageSize)), advice);
    if (first_error == 0) first_error = error;
  }
  return first_error;
}

// Whether pages of the range lie on ordinary nodes other than this; no where it
// cannot be told.
bool lies_elsewhere(const ByteRange& range, Hnid node) {
  std::size_t anywhere = 0;
  std::size_t in_place = 0;
  Host& host = host_device();
  return host.resident_size(range, Hnid::kAny, &anywhere) == 0 &&
         host.resident_size(range, node, &in_place) == 0 &&
         in_place != anywhere;
}

Error bring_mapping_home(const Mapping& mapping, const ByteRange& range,
                         Hnid node) {
  const ByteRange part = range.clipped_to(mapping.bytes());
  if (!may_be_peer_shared(mapping) ||
      (lies_elsewhere(part, node) && is_conventional(mapping)))
    return host_device().prefetch(part, node);
  Error error = host_device().fill_in(part, node);
  if (error == -EFAULT)
    error =
        touch_each(PageRange::outward(part),
                   mapping.writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
  if (error != 0) return error;
  return lies_elsewhere(part, node) ? -EBUSY : 0;
}

}  // namespace

Error bring_home(const ByteRange& range, Hnid node) {
  if (peer_shared_flag() == 0 || !may_hold_peer_shared(range))
    return host_device().prefetch(range, node);
  Mapping mapping;
  Mapping unused;
  if (const Error error = find_extent(range, &mapping, &unused)) return error;
  Error first_error = 0;
  for (VmaWalk walk(range); walk.next(&mapping);) {
    const Error error = bring_mapping_home(mapping, range, node);
    if (first_error == 0) first_error = error;
  }
  return first_error;
}

void bring_home_all(const PageRange& pages) {
  if (touch(pages, MADV_POPULATE_READ) != 0)
    touch_each(pages, MADV_POPULATE_READ);
}

}  // namespace gmem::ascend
