// SPDX-License-Identifier: MulanPSL-2.0
// The kernel is asked first: it takes a range inside one peer-shared mapping,
// which is what callers mostly have, and refuses any other without doing
// anything.  Only then are the mappings looked at, which costs as much as the
// process has mappings.
#include "ascend/move_out.h"

#include <errno.h>

#include "ascend/gmem_file.h"
#include "ascend/mapping_kind.h"
#include "ascend/move_lock.h"
#include "core/range_extent.h"
#include "core/vma_walk.h"

namespace gmem::ascend {
namespace {

Error ask(const PageRange& pages, int hnid) {
  return advise(pages, hnid, Behavior::kPrefetch);
}

// What the kernel's answer means for pages of one mapping that may be
// peer-shared.
Error explain(Error answer) {
  switch (answer) {
    case 0:
    case -ENOMEM:
    case -EINVAL:
    case -EPERM:
    case -EBUSY:
      return answer;
    case kNotOnePeerMapping:
      return -EOPNOTSUPP;
    case -EFAULT:
      // Pages failed.  The kernel does not say why; that the device has no room
      // is what is left after the checks.
      return -ENOMEM;
    default:
      return -EIO;
  }
}

bool is_one_mapping(const Mapping& mapping, const PageRange& pages) {
  return may_be_peer_shared(mapping) && mapping.begin <= pages.begin() &&
         mapping.end >= pages.end();
}

// Mapping by mapping, within each.  What the widened range alone touches is no
// concern of the caller's.
Error ask_for_each(const ByteRange& range, const PageRange& pages, int hnid) {
  Error first_error = 0;
  Mapping mapping;
  for (VmaWalk walk(pages.bytes()); walk.next(&mapping);) {
    const ByteRange reach = mapping.bytes();
    Error error = -EOPNOTSUPP;
    if (may_be_peer_shared(mapping))
      error = explain(
          ask(PageRange::inward(pages.bytes().clipped_to(reach)), hnid));
    if (first_error == 0 && !range.clipped_to(reach).empty())
      first_error = error;
  }
  return first_error;
}

}  // namespace

Error move_out(const ByteRange& range, int hnid) {
  const PageRange pages = PageRange::outward(range);
  // The one at the very top of the address space, where nothing is mapped.
  if (pages.empty()) return -ENOMEM;
  const MoveLock lock;
  const Error answer = ask(pages, hnid);
  if (answer != kNotOnePeerMapping && answer != -EFAULT) return explain(answer);
  Mapping first;
  Mapping last;
  if (const Error error = find_extent(range, &first, &last)) return error;
  return is_one_mapping(first, pages) ? explain(answer)
                                      : ask_for_each(range, pages, hnid);
}

}  // namespace gmem::ascend
