// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/devices_attached.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>

#include "doubles/gmem_abi.h"
#include "doubles/kernel_lock.h"
#include "doubles/raw_calls.h"

namespace gmem_kernel {
namespace {

constexpr int kMaxDevices = 16;

Options current;
std::atomic<int> error_of_open;

// In the order of attaching.
int attached[kMaxDevices];
std::atomic<int> attached_count;

struct Node {
  std::atomic<bool> is_hetero;
  std::atomic<bool> is_allowed;
  std::atomic<long> attaching_thread;
};
Node nodes[kMaxNumnodes];

bool is_node_number(int hnid) { return hnid >= 0 && hnid < kMaxNumnodes; }

// From a list such as 0-3,5, whose last number counts.  Without stdio, which
// would call a malloc that has not met this kernel yet.
int first_free_node() {
  char list[256] = "";
  const int fd = open("/sys/devices/system/node/possible", O_RDONLY);
  if (fd < 0) return 1;
  const ssize_t size = read(fd, list, sizeof list - 1);
  close(fd);
  int last = 0;
  for (char* at = list; at < list + size;) {
    char* end = at;
    last = static_cast<int>(strtol(at, &end, 10));
    at = end + 1;
  }
  return last + 1;
}

void attach_device(int hnid) {
  if (current.generation == Generation::kNewest) attached_count = 0;
  if (attached_count < kMaxDevices) attached[attached_count++] = hnid;
  if (!is_node_number(hnid)) return;
  nodes[hnid].is_hetero = true;
  nodes[hnid].is_allowed = true;
  nodes[hnid].attaching_thread = raw_call(SYS_gettid);
}

}  // namespace

const Options& options() { return current; }

void set_options(const Options& wanted) {
  current = wanted;
  error_of_open = wanted.open_error;
  if (current.hnid == 0) current.hnid = first_free_node();
  if (!is_node_number(current.hnid) && current.hnid != kMaxNumnodes)
    throw std::runtime_error("no such hnid");
  // A driver registers its node before any process attaches.
  if (current.on && is_node_number(current.hnid))
    nodes[current.hnid].is_hetero = true;
  if (current.on && current.attached) attach_device(current.hnid);
}

int first_attached_hnid() { return attached_count > 0 ? attached[0] : -1; }

bool is_attached_hnid(int hnid) {
  for (int i = 0; i < attached_count; ++i)
    if (attached[i] == hnid) return true;
  return false;
}

bool is_hetero_node(int hnid) { return nodes[hnid].is_hetero; }

bool is_allowed_node(int hnid) {
  if (!nodes[hnid].is_allowed) return false;
  return !current.only_attaching_thread ||
         nodes[hnid].attaching_thread == raw_call(SYS_gettid);
}

int open_error() { return error_of_open; }

int hnid() { return current.hnid; }

void attach_hnid(int hnid) {
  const KernelLock lock;
  attach_device(hnid);
}

void attach() { attach_hnid(current.hnid); }

void detach() {
  const KernelLock lock;
  attached_count = 0;
}

void set_open_error(int error) { error_of_open = error; }

}  // namespace gmem_kernel

extern "C" void gmem_kernel_double_attach(int hnid) {
  if (hnid == 0)
    gmem_kernel::attach();
  else
    gmem_kernel::attach_hnid(hnid);
}

extern "C" void gmem_kernel_double_detach(void) { gmem_kernel::detach(); }
