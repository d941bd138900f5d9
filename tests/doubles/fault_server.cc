// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/fault_server.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <stdexcept>

#include "doubles/device_memory.h"
#include "doubles/kernel_lock.h"
#include "doubles/process_state.h"
#include "doubles/raw_calls.h"
#include "doubles/server_thread.h"
#include "doubles/violations.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

constexpr std::size_t kSmallPage = 4096;
// Out of the way of programs that count descriptors, or close the low ones.
constexpr int kLowestFd = 900;

// From Linux 6.6 on, and not yet in every header.
struct PoisonArgument {
  uffdio_range range;
  std::uint64_t mode;
  std::int64_t updated;
};
constexpr unsigned kPoison = _IOWR(UFFDIO, 0x08, PoisonArgument);

constexpr std::uint64_t kFeaturePoison = 1 << 14;

std::uintptr_t zeros;  // 2 MiB of them
bool can_poison;

long control(unsigned request, void* argument) {
  return raw_call(SYS_ioctl, process_state().fault_fd, request, argument);
}

void wake(std::uintptr_t page) {
  uffdio_range range = {page, kPageSize};
  control(UFFDIO_WAKE, &range);
}

// Returns the number of bytes copied, or -errno.
long copy_in(std::uintptr_t to, std::uintptr_t from, std::size_t size) {
  uffdio_copy copy = {};
  copy.dst = to;
  copy.src = from;
  copy.len = size;
  copy.mode = UFFDIO_COPY_MODE_DONTWAKE;
  control(UFFDIO_COPY, &copy);
  return static_cast<long>(copy.copy);
}

// Gives the CPU the whole 2 MiB page.  Small pages that it has already, or
// that are not mapped, are left alone.
void fill_page(std::uintptr_t page, std::uintptr_t source) {
  std::size_t done = 0;
  while (done < kPageSize) {
    long copied = copy_in(page + done, source + done, kPageSize - done);
    if (copied == 0 || copied == -EAGAIN) continue;
    if (copied < 0) copied = copy_in(page + done, source + done, kSmallPage);
    if (copied == -EAGAIN) continue;
    done += copied > 0 ? static_cast<std::size_t>(copied) : kSmallPage;
  }
}

// SIGBUS for the CPU.
void refuse_touch(std::uintptr_t address) {
  PoisonArgument poison = {};
  poison.range = {address & ~(kSmallPage - 1), kSmallPage};
  control(kPoison, &poison);
}

void answer_touch(std::uintptr_t address) {
  const KernelLock lock;
  const std::uintptr_t page = page_down(address);
  const bool is_pinned = is_pinned_page(page);
  if (is_pinned && !can_poison) violation("the CPU touches a pinned page");
  if (is_pinned && can_poison) {
    refuse_touch(address);
  } else if (is_on_device_page(page)) {
    fill_page(page, device_copy(page));
    drop_from_device(page, page + kPageSize);
  } else {
    fill_page(page, zeros);
  }
  wake(page);
}

int serve(void*) {
  const int fd = process_state().fault_fd;
  for (;;) {
    uffd_msg message = {};
    const long got = raw_call(SYS_read, fd, &message, sizeof message);
    if (got == -EINTR || got == -EAGAIN) continue;
    if (got != static_cast<long>(sizeof message)) return 1;
    if (message.event == UFFD_EVENT_PAGEFAULT)
      answer_touch(message.arg.pagefault.address);
  }
}

// -errno where there is none.
long open_fault_fd() {
  const long fd = raw_call(SYS_userfaultfd, O_CLOEXEC);
  if (is_error(fd)) return fd;
  uffdio_api api = {};
  api.api = UFFD_API;
  const long agreed = raw_call(SYS_ioctl, fd, UFFDIO_API, &api);
  can_poison = (api.features & kFeaturePoison) != 0;
  const long high = raw_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kLowestFd);
  if (is_error(agreed) || is_error(high)) return is_error(agreed) ? agreed : fd;
  raw_call(SYS_close, fd);
  return high;
}

}  // namespace

bool pins_refuse_the_cpu() { return can_poison; }

void prepare_fault_server() {
  const long made = raw_mmap(0, kPageSize, PROT_READ,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE);
  if (is_error(made)) throw std::runtime_error("no memory");
  zeros = static_cast<std::uintptr_t>(made);
}

bool serve_this_process() {
  const long fd = open_fault_fd();
  if (is_error(fd)) return false;
  process_state().fault_fd = static_cast<int>(fd);
  forget_copies_of_parent();
  // Mappings that came with fork; there may be none.
  watch_mapping(kWindowBegin, kWindowEnd - kWindowBegin);
  return start_server_thread(serve);
}

bool watch_mapping(std::uintptr_t begin, std::size_t size) {
  uffdio_register watched = {};
  watched.range = {begin, size};
  watched.mode = UFFDIO_REGISTER_MODE_MISSING;
  return !is_error(control(UFFDIO_REGISTER, &watched));
}

}  // namespace gmem_kernel
