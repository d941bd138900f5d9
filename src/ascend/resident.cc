// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/resident.h"

#include <errno.h>

#include "ascend/hnids.h"
#include "ascend/mapping_kind.h"
#include "ascend/peer_flag.h"
#include "core/host.h"
#include "core/vma_walk.h"

namespace gmem::ascend {
namespace {

bool a_device_may_hold_pages() {
  return peer_shared_flag() != 0 && attached_hnid() >= 0;
}

// Whether everything that the CPUs' page tables lack of the range lies in
// memory that a device cannot have.
bool is_told_by_the_host(const ByteRange& range) {
  Mapping mapping;
  for (VmaWalk walk(range); walk.next(&mapping);) {
    if (!may_be_peer_shared(mapping)) continue;
    const ByteRange part = range.clipped_to(mapping.bytes());
    std::size_t resident = 0;
    if (host_device().resident_size(part, Hnid::kAny, &resident) != 0 ||
        resident != part.size())
      return false;
  }
  return true;
}

}  // namespace

Error resident_size(const ByteRange& range, Hnid node, std::size_t* resident) {
  Host& host = host_device();
  if (const Error error = check_mapped(range)) return error;
  if (node == Hnid::kAny) {
    if (a_device_may_hold_pages() && !is_told_by_the_host(range))
      return -ENOSYS;
  } else if (!host.is_valid_node(node)) {
    return -ENOSYS;
  }
  return host.resident_size(range, node, resident);
}

}  // namespace gmem::ascend
