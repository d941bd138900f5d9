// SPDX-License-Identifier: MulanPSL-2.0
#include "host/prefetch.h"

#include <errno.h>

#include <atomic>

#include "core/log.h"
#include "core/range_extent.h"
#include "core/vma_walk.h"
#include "host/huge_pages.h"
#include "host/migrate.h"
#include "host/node_policy.h"
#include "host/nodes.h"
#include "host/numa_maps.h"
#include "host/page_scan.h"
#include "host/populate.h"
#include "host/rebind.h"
#include "host/room.h"

namespace gmem::host {
namespace {

// Asking how much room there is costs a dozen small files.
constexpr std::size_t kRoomMatters = std::size_t{64} << 20;

// -EFAULT, told apart by the kind of mapping.
constexpr Error kEndOfFile = -ENXIO;

// The 2 MiB pages that the range touches, within the mappings at its ends.
Error widen(const ByteRange& range, ByteRange* widened) {
  Mapping first;
  Mapping last;
  if (const Error error = find_extent(range, &first, &last)) return error;
  *widened = PageRange::outward(range).bytes().clipped_to(
      *ByteRange::from(first.begin, last.end - first.begin));
  return 0;
}

// All of it where the page tables cannot be read.
std::size_t absent_bytes(const ByteRange& range) {
  std::size_t resident = 0;
  if (resident_bytes(range, &resident) != 0) resident = 0;
  return range.size() - resident;
}

// wanted: what the caller named; whole: the same widened.
Error populate_mapping(const Mapping& mapping, const ByteRange& wanted,
                       const ByteRange& whole) {
  const ByteRange reach = mapping.bytes();
  const ByteRange part = whole.clipped_to(reach);
  const std::size_t absent = absent_bytes(part);
  if (absent >= kPageSize && mapping.private_anonymous() && mapping.writable)
    ask_for_huge_pages(mapping, part);
  Error error = populate(mapping, part, absent);
  // What cannot be had is no error at an edge that the caller did not name.
  if (error == -EFAULT) {
    const ByteRange named = kernel_pages_around(wanted).clipped_to(reach);
    error = populate(mapping, named, absent);
  }
  return error == -EFAULT && mapping.file_backed ? kEndOfFile : error;
}

// Of pages that cannot be had, which keep no others back.
bool is_gap(Error error) { return error == -EFAULT || error == kEndOfFile; }

Error populate_all(const ByteRange& wanted, const ByteRange& whole) {
  Error first_error = 0;
  Mapping mapping;
  for (VmaWalk walk(whole); walk.next(&mapping);) {
    const Error error = populate_mapping(mapping, wanted, whole);
    if (error != 0 && !is_gap(error)) return error;
    if (first_error == 0) first_error = error;
  }
  return first_error;
}

Error populate_on(int node, const ByteRange& wanted, const ByteRange& whole) {
  const ScopedPreferredNode preferred(node);
  // -EPERM: seccomp refuses policies.  That is no failure by itself, as what
  // comes to lie elsewhere is looked for and moved.
  if (preferred.error() == -EINVAL) return -EINVAL;
  return populate_all(wanted, whole);
}

// What filling in takes: pages that are not there, and copies of those that are
// shared with a parent or a child, which a write to them would make, too.
std::size_t bytes_to_come(const ByteRange& range) {
  std::size_t bytes = 0;
  Mapping mapping;
  for (VmaWalk walk(range); walk.next(&mapping);) {
    const ByteRange part = range.clipped_to(mapping.bytes());
    bytes += mapping.private_anonymous() && mapping.writable
                 ? part.size() - exclusive_bytes(part)
                 : absent_bytes(part);
  }
  return bytes;
}

// What is resident needs no room again, but is worth counting only where
// the whole has none.
bool would_fit(const ByteRange& range, int node) {
  return range.size() < kRoomMatters || has_room(node, range.size()) ||
         has_room(node, bytes_to_come(range));
}

// Stores the range as it was widened.
Error fill(const ByteRange& range, int node, ByteRange* whole) {
  if (const Error error = widen(range, whole)) return error;
  if (!would_fit(*whole, node)) return -ENOMEM;
  // With one node, every page comes to lie in its place.
  return has_several_nodes() ? populate_on(node, range, *whole)
                             : populate_all(range, *whole);
}

// For as long as there is a way that the kernel's policy leaves open.  -EPERM:
// there is none, and something lies elsewhere, or might.
Error place(const ByteRange& range, int node) {
  const Error error = migrate(range, node);
  if (error != -EPERM) return error;
  rebind(range, node);
  if (migrate(range, node) == 0 || mappings_lie_on(range, node)) return 0;
  static std::atomic<bool> said{false};
  if (!said.exchange(true))
    log(LogLevel::kWarn,
        "memory cannot be kept on node %d: the system forbids move_pages",
        node);
  return -EPERM;
}

}  // namespace

Error prefetch(const ByteRange& range, int node) {
  ByteRange whole = range;
  const Error filled = fill(range, node, &whole);
  if (filled != 0 && !is_gap(filled)) return filled;
  const Error placed = has_several_nodes() ? place(whole, node) : 0;
  if (filled != 0) return filled == kEndOfFile ? -ENOMEM : filled;
  return placed;
}

Error fill_in(const ByteRange& range, int node) {
  ByteRange whole = range;
  const Error filled = fill(range, node, &whole);
  return is_gap(filled) ? -EFAULT : filled;
}

}  // namespace gmem::host
