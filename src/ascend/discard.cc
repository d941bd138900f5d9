// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/discard.h"

#include <errno.h>

#include "ascend/gmem_file.h"
#include "ascend/peer_chunks.h"
#include "ascend/peer_flag.h"
#include "core/host.h"
#include "core/vma_walk.h"

namespace gmem::ascend {
namespace {

// The request names no device, and needs none.
constexpr int kNoHnid = -1;

Error drop_peer_shared(const PageRange& pages) {
  const Error error = advise(pages, kNoHnid, Behavior::kDiscard);
  switch (error) {
    case 0:
    case -ENOMEM:
    case -EINVAL:
    case -EPERM:
      return error;
    default:
      return -EIO;
  }
}

// Memory of the heap's, which is never unmapped.
bool is_peer_chunk(const PageRange& pages) {
  return first_peer_run(pages) == pages;
}

}  // namespace

// The kernel passes over all that is not peer-shared, and over holes, without
// a word.  What is left after it is conventional memory, which the host frees;
// peer-shared memory has nothing left then that this could touch.
Error discard(const PageRange& pages) {
  if (is_peer_chunk(pages)) return drop_peer_shared(pages);
  if (const Error error = check_mapped(pages.bytes())) return error;
  const Error peer_error =
      peer_shared_flag() == 0 ? 0 : drop_peer_shared(pages);
  const Error host_error = host_device().discard(pages);
  return peer_error != 0 ? peer_error : host_error;
}

bool purge_peer_chunk(const PageRange& pages) {
  return is_mapped_throughout(pages.bytes()) && drop_peer_shared(pages) == 0;
}

}  // namespace gmem::ascend
