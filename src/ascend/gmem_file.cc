// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/gmem_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "core/call_again.h"

namespace gmem::ascend {
namespace {

// The number and, since the program may have given that to another file, what
// tells the file.  Aligned so that every compiler sees a word in it.
struct alignas(8) OpenFile {
  int descriptor;  // or a negative errno
  std::uint32_t inode;
};
constexpr OpenFile kNone = {-1, 0};
std::atomic<OpenFile> opened{kNone};
static_assert(std::atomic<OpenFile>::is_always_lock_free);

std::uint32_t inode_of(int descriptor) {
  struct stat status = {};
  fstat(descriptor, &status);
  return static_cast<std::uint32_t>(status.st_ino);
}

OpenFile open_another() {
  const int fresh = open(kDeviceFile, O_RDWR | O_CLOEXEC);
  if (fresh < 0) return {-errno, 0};
  return {fresh, inode_of(fresh)};
}

bool is_opened() {
  return opened.load(std::memory_order_acquire).descriptor >= 0;
}

OpenFile file_in_use() {
  const OpenFile known = opened.load(std::memory_order_acquire);
  if (known.descriptor >= 0) return known;
  const OpenFile fresh = open_another();
  if (fresh.descriptor < 0) return fresh;
  OpenFile found = kNone;
  if (opened.compare_exchange_strong(found, fresh)) return fresh;
  close(fresh.descriptor);  // another thread was faster
  return found;
}

// Most files answer ENOTTY to what they do not know; some EINVAL, as /dev/gmem
// itself does.
bool is_another_file(const OpenFile& file, int error) {
  return error == EBADF || error == ENOTTY ||
         (error == EINVAL && inode_of(file.descriptor) != file.inode);
}

// Of positive results.
Error translate(int result) {
  switch (result) {
    case kernel_result::kNoMemory:
      return -ENOMEM;
    case kernel_result::kMigrating:
      return -EBUSY;
    case kernel_result::kUnknown:
      return kNotOnePeerMapping;
    case kernel_result::kUnimplemented:
      return -ENOSYS;
    default:
      return -EIO;
  }
}

Error ask(const OpenFile& file, unsigned long number, void* argument) {
  const int result =
      call_again([&] { return ioctl(file.descriptor, number, argument); });
  if (result == -1) return -errno;
  return result == 0 ? 0 : translate(result);
}

Error request(unsigned long number, void* argument) {
  for (bool again = false;; again = true) {
    OpenFile file = file_in_use();
    if (file.descriptor < 0) return file.descriptor;
    const Error error = ask(file, number, argument);
    if (error == 0 || again || !is_another_file(file, -error)) return error;
    opened.compare_exchange_strong(file, kNone);
  }
}

}  // namespace

Error open_gmem() {
  const int descriptor = file_in_use().descriptor;
  return descriptor < 0 ? descriptor : 0;
}

bool can_open_gmem() {
  if (is_opened()) return true;
  // malloc asks, and opens no file but the first time.
  enum class Answer { kUnknown, kYes, kNo };
  static std::atomic<Answer> known{Answer::kUnknown};
  Answer answer = known.load(std::memory_order_relaxed);
  if (answer == Answer::kUnknown) {
    const int descriptor = open_another().descriptor;
    if (descriptor >= 0) close(descriptor);
    answer = descriptor >= 0 ? Answer::kYes : Answer::kNo;
    known.store(answer, std::memory_order_relaxed);
  }
  return answer == Answer::kYes;
}

Error get_hnid_in_passing(int* hnid) {
  if (is_opened()) return get_hnid(hnid);
  const OpenFile file = open_another();
  if (file.descriptor < 0) return file.descriptor;
  HnidArgument argument = {hnid};
  const Error error = ask(file, kGetHnid, &argument);
  close(file.descriptor);
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
