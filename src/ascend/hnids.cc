// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/hnids.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "ascend/gmem_file.h"
#include "core/device.h"
#include "core/small_file.h"
#include "core/text_file.h"

namespace gmem::ascend {
namespace {

constexpr int kWordBits = 64;

std::atomic<std::uint64_t> known[kMostNodes / kWordBits];
std::atomic<int> known_limit{0};  // 0: not read yet

void remember(int hnid) {
  known[hnid / kWordBits].fetch_or(std::uint64_t{1} << (hnid % kWordBits),
                                   std::memory_order_relaxed);
}

// The kernel's MAX_NUMNODES: as many as the mask of allowed nodes has bits.
// Kernels before the newest read beyond their tables for a larger hnid.
int read_limit() {
  TextFile status("/proc/self/status");
  if (!status.find_key("Mems_allowed:")) return kMostNodes;
  int bits = 0;
  for (int c = status.next(); c != '\n' && c != kEndOfText; c = status.next())
    if (hex_digit(c) >= 0) bits += 4;
  return bits == 0 ? kMostNodes : std::min(bits, kMostNodes);
}

int limit() {
  int bits = known_limit.load(std::memory_order_relaxed);
  if (bits == 0) {
    bits = read_limit();
    known_limit.store(bits, std::memory_order_relaxed);
  }
  return bits;
}

// The newest kernels list all devices' nodes, for everybody to see.
bool is_listed(int hnid) {
  return access(Path("/sys/kernel/mm/gmem/hnode").add(hnid).c_str(), F_OK) == 0;
}

}  // namespace

int attached_hnid() {
  int hnid = -1;
  if (const Error error = get_hnid(&hnid)) return error;
  // A device without memory is given the number after the last.
  if (hnid < 0 || hnid >= limit()) return -ENODEV;
  remember(hnid);
  return hnid;
}

bool may_be_attached() {
  int hnid = -1;
  const Error error = get_hnid_in_passing(&hnid);
  return error == 0 ? hnid >= 0 && hnid < limit() : error != -ENODEV;
}

bool is_known_hnid(int hnid) {
  return hnid >= 0 && hnid < kMostNodes &&
         (known[hnid / kWordBits].load(std::memory_order_relaxed) >>
              (hnid % kWordBits) &
          1) != 0;
}

bool is_device_hnid(int hnid) {
  if (is_known_hnid(hnid)) return true;
  if (hnid < 0 || hnid >= limit()) return false;
  if (hnid == attached_hnid()) return true;
  if (!is_listed(hnid)) return false;
  remember(hnid);
  return true;
}

}  // namespace gmem::ascend
