// SPDX-License-Identifier: MulanPSL-2.0
// The exported gmem calls: check the arguments, resolve the device, count,
// pass on.  libgmem.h states the order of the checks.
#include <errno.h>

#include <optional>

#include "config.h"
#include "core/devices.h"
#include "core/error_text.h"
#include "core/keep_errno.h"
#include "core/no_cancel.h"
#include "core/stats.h"
#include "heap/keep_on_node.h"
#include "heap/node_arenas.h"
#include "libgmem.h"

#define GMEM_EXPORT extern "C" [[gnu::visibility("default")]]

namespace {

using gmem::ByteRange;
using gmem::Device;
using gmem::Error;
using gmem::Hnid;
using gmem::KeepErrno;
using gmem::NoCancel;
using gmem::PageRange;
using gmem::Task;

// In each call, from its first line to its last: the caller's errno stays, and
// the caller's thread is not cancelled inside.  Devices rely on it.
class InCall {
 private:
  const KeepErrno keep_errno_;
  const NoCancel no_cancel_;
};

Error check_stream(Device& device, void* stream) {
  return stream == nullptr || device.is_live_stream(stream) ? 0 : -EINVAL;
}

// Does the task at once, or queues it.  Errors of queued tasks are counted
// where they happen.
Error carry_out(Device& device, void* stream, const Task& task,
                gmem::Counter& errors) {
  if (stream != nullptr) {
    gmem::stats.queued_tasks.add(1);
    return device.enqueue(stream, task);
  }
  const Error error = run_task(device, task);
  if (error != 0) errors.add(1);
  return error;
}

}  // namespace

GMEM_EXPORT int gmemPrefetch(unsigned long addr, size_t size, int hnid,
                             void* stream) {
  const InCall in_call;
  const std::optional<ByteRange> range = ByteRange::from(addr, size);
  if (!range) return -EINVAL;
  Device* const device = gmem::current_device();
  if (device == nullptr) return -ENODEV;
  const Hnid node{hnid};
  if (!device->is_valid_node(node)) return -EINVAL;
  if (const Error error = check_stream(*device, stream)) return error;

  gmem::stats.prefetch_calls.add(1);
  if (range->empty()) return 0;
  gmem::stats.prefetch_bytes.add(range->size());
  gmem::heap::keep_on_node(*device, *range, node);
  return carry_out(*device, stream, {Task::Kind::kPrefetch, node, *range},
                   gmem::stats.prefetch_errors);
}

GMEM_EXPORT int gmemFreeEager(unsigned long addr, size_t size, void* stream) {
  const InCall in_call;
  const std::optional<ByteRange> range = ByteRange::from(addr, size);
  if (!range) return -EINVAL;
  Device* const device = gmem::current_device();
  if (device == nullptr) return -ENODEV;
  if (const Error error = check_stream(*device, stream)) return error;

  gmem::stats.discard_calls.add(1);
  const PageRange pages = PageRange::inward(*range);
  if (pages.empty()) return 0;
  gmem::stats.discard_bytes.add(pages.size());
  return carry_out(*device, stream,
                   {Task::Kind::kDiscard, Hnid::kAny, pages.bytes()},
                   gmem::stats.discard_errors);
}

GMEM_EXPORT int gmemGetNumaId(void) {
  const InCall in_call;
  Device* const device = gmem::current_device();
  return device == nullptr ? -ENODEV : device->numa_id();
}

GMEM_EXPORT int gmemGetResidentSize(unsigned long addr, size_t size, int hnid,
                                    size_t* resident) {
  const InCall in_call;
  const std::optional<ByteRange> range = ByteRange::from(addr, size);
  if (!range) return -EINVAL;
  Device* const device = gmem::current_device();
  if (device == nullptr) return -ENODEV;
  const Hnid node{hnid};
  if (node != Hnid::kAny && !device->is_valid_node(node)) return -EINVAL;
  if (resident == nullptr) return -EINVAL;

  *resident = 0;
  if (range->empty()) return 0;
  return device->resident_size(*range, node, resident);
}

GMEM_EXPORT void* gmemAlloc(size_t size, int hnid) {
  const NoCancel no_cancel;
  Device* const device = gmem::current_device();
  const Hnid node{hnid};
  if (device == nullptr || !device->is_valid_node(node)) {
    errno = device == nullptr ? ENODEV : EINVAL;
    return nullptr;
  }
  return gmem::heap::allocate_on_node(size, node);
}

GMEM_EXPORT void gmemFree(void* pointer) {
  const InCall in_call;
  gmem::heap::release(pointer);
}

GMEM_EXPORT int gmemStreamCreate(void** stream) {
  const InCall in_call;
  Device* const device = gmem::current_device();
  if (device == nullptr) return -ENODEV;
  if (stream == nullptr) return -EINVAL;
  return device->stream_create(stream);
}

GMEM_EXPORT int gmemStreamSynchronize(void* stream) {
  const InCall in_call;
  Device* const device = gmem::current_device();
  if (device == nullptr) return -ENODEV;
  return stream == nullptr ? -EINVAL : device->stream_synchronize(stream);
}

GMEM_EXPORT int gmemStreamDestroy(void* stream) {
  const InCall in_call;
  Device* const device = gmem::current_device();
  if (device == nullptr) return -ENODEV;
  return stream == nullptr ? -EINVAL : device->stream_destroy(stream);
}

GMEM_EXPORT const char* gmemStrError(int error) {
  return gmem::error_text(error);
}

GMEM_EXPORT const char* gmemDeviceName(void) {
  const InCall in_call;
  Device* const device = gmem::current_device();
  return device == nullptr ? "none" : device->name();
}

GMEM_EXPORT const char* gmemVersion(void) { return PACKAGE_VERSION; }
