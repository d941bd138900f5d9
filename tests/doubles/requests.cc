// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/requests.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>

#include <cstring>

#include "doubles/call_log.h"
#include "doubles/devices_attached.h"
#include "doubles/discard.h"
#include "doubles/gmem_abi.h"
#include "doubles/prefetch.h"
#include "doubles/raw_calls.h"
#include "doubles/user_memory.h"
#include "doubles/violations.h"

namespace gmem_kernel {
namespace {

// The device's descriptor is a memfd of this name.
constexpr char kFileName[] = "gmem_kernel_double";
constexpr char kFileLink[] = "/memfd:gmem_kernel_double";

long get_hnid(std::uintptr_t argument, int* answer) {
  HnidArgument copied;
  if (!copy_from_user(&copied, argument, sizeof copied)) return -EFAULT;
  if (const int failure = ordered_failure(Request::kGetHnid)) return failure;
  *answer = first_attached_hnid();
  if (!options().on || *answer == kNoNode) return -ENODEV;
  const auto users = reinterpret_cast<std::uintptr_t>(copied.hnid);
  return copy_to_user(users, answer, sizeof *answer) ? 0 : -EFAULT;
}

bool checks_bounds() { return options().generation == Generation::kNewest; }

// A node that hmadvise takes, before it looks at the behavior.
bool is_valid_node(int hnid) {
  if (hnid < 0) return false;
  if (hnid >= kMaxNumnodes) {
    if (!checks_bounds()) violation("hnid beyond MAX_NUMNODES");
    return false;
  }
  if (!is_hetero_node(hnid)) return false;
  return checks_bounds() || is_allowed_node(hnid);
}

long carry_out(const MadviseArgument& asked) {
  const bool can_pin = options().generation == Generation::kNewest;
  if (asked.hnid == kNoNode) {
    if (asked.behavior != kMadvDontneed) return -EINVAL;
  } else if (!is_valid_node(asked.hnid)) {
    return -EINVAL;
  }
  if (asked.behavior == kMadvDontneed) return discard(asked.start, asked.size);
  if (asked.behavior == kMadvPrefetch)
    return prefetch(asked.hnid, asked.start, asked.size, Pinning::kAsItIs);
  if (can_pin && asked.behavior == kMadvPinned)
    return prefetch(asked.hnid, asked.start, asked.size, Pinning::kPin);
  if (can_pin && asked.behavior == kMadvUnpinned)
    return prefetch(asked.hnid, asked.start, asked.size, Pinning::kUnpin);
  return -EINVAL;
}

Request kind_of(int behavior) {
  if (behavior == kMadvPrefetch) return Request::kPrefetch;
  if (behavior == kMadvDontneed) return Request::kDiscard;
  return Request::kOther;
}

long madvise_request(std::uintptr_t argument) {
  MadviseArgument asked;
  if (!copy_from_user(&asked, argument, sizeof asked)) {
    record_call({Request::kOther, 0, 0, 0, -EFAULT});
    return -EFAULT;
  }
  const Request kind = kind_of(asked.behavior);
  const int failure = ordered_failure(kind);
  const long result = failure != 0 ? failure : carry_out(asked);
  record_call(
      {kind, asked.hnid, asked.start, asked.size, static_cast<int>(result)});
  return result;
}

}  // namespace

long open_device(int flags) {
  if (open_error() != 0) return -open_error();
  const unsigned close_on_exec = (flags & O_CLOEXEC) != 0 ? MFD_CLOEXEC : 0;
  return raw_call(SYS_memfd_create, kFileName, close_on_exec);
}

bool is_device_fd(int fd) {
  char path[32] = "/proc/self/fd/";
  std::size_t length = strlen(path);
  char digits[12];
  std::size_t count = 0;
  for (unsigned rest = static_cast<unsigned>(fd); rest != 0 || count == 0;
       rest /= 10)
    digits[count++] = static_cast<char>('0' + rest % 10);
  while (count > 0) path[length++] = digits[--count];
  char link[64] = "";
  raw_call(SYS_readlinkat, AT_FDCWD, path, link, sizeof link - 1);
  return strncmp(link, kFileLink, sizeof kFileLink - 1) == 0;
}

long device_ioctl(unsigned request, std::uintptr_t argument) {
  if (request == kMadviseRequest) return madvise_request(argument);
  if (request != kGetHnidRequest) {
    record_call({Request::kOther, 0, 0, 0, -EINVAL});
    return -EINVAL;
  }
  int answer = 0;
  const long result = get_hnid(argument, &answer);
  record_call({Request::kGetHnid, answer, 0, 0, static_cast<int>(result)});
  return result;
}

}  // namespace gmem_kernel
