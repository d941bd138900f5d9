// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/gmem_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>

namespace gmem::ascend {
namespace {

constexpr int kNone = -1;
std::atomic<int> opened{kNone};

// A descriptor, or a negative errno.
int open_another() {
  const int fresh = open(kDeviceFile, O_RDWR | O_CLOEXEC);
  return fresh < 0 ? -errno : fresh;
}

bool is_opened() { return opened.load(std::memory_order_acquire) >= 0; }

int descriptor() {
  const int known = opened.load(std::memory_order_acquire);
  if (known >= 0) return known;
  const int fresh = open_another();
  if (fresh < 0) return fresh;
  int found = kNone;
  if (opened.compare_exchange_strong(found, fresh)) return fresh;
  close(fresh);  // another thread was faster
  return found;
}

// Other files than /dev/gmem, which the number may stand for by now, answer
// so; it answers EINVAL to what it does not know.
bool is_another_file(int error) { return error == EBADF || error == ENOTTY; }

Error translate(int result) {
  switch (result) {
    case 0: return 0;
    case -1: return -errno;
    case kernel_result::kNoMemory: return -ENOMEM;
    case kernel_result::kMigrating: return -EBUSY;
    case kernel_result::kUnknown: return kNotOnePeerMapping;
    case kernel_result::kUnimplemented: return -ENOSYS;
    default: return -EIO;
  }
}

Error request(unsigned long number, void* argument) {
  for (bool again = false;; again = true) {
    int file = descriptor();
    if (file < 0) return file;
    const int result = ioctl(file, number, argument);
    if (result != -1 || !is_another_file(errno) || again)
      return translate(result);
    opened.compare_exchange_strong(file, kNone);
  }
}

}  // namespace

Error open_gmem() {
  const int file = descriptor();
  return file < 0 ? file : 0;
}

bool can_open_gmem() {
  if (is_opened()) return true;
  const int file = open_another();
  if (file < 0) return false;
  close(file);
  return true;
}

Error get_hnid_in_passing(int* hnid) {
  if (is_opened()) return get_hnid(hnid);
  const int file = open_another();
  if (file < 0) return file;
  HnidArgument argument = {hnid};
  const Error error = translate(ioctl(file, kGetHnid, &argument));
  close(file);
  return error;
}

Error get_hnid(int* hnid) {
  HnidArgument argument = {hnid};
  return request(kGetHnid, &argument);
}

Error advise(const PageRange& pages, int hnid, Behavior behavior) {
  AdviseArgument argument = {hnid, pages.begin(), pages.size(),
                             static_cast<int>(behavior)};
  return request(kAdvise, &argument);
}

}  // namespace gmem::ascend
