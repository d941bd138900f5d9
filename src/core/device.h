// SPDX-License-Identifier: MulanPSL-2.0
// The contract that a device fulfils.  A device is one directory under src/
// whose class derives from Device; the compiler names what it lacks, and
// tests/contract holds every compiled-in device to the semantics below.
#ifndef GMEM_CORE_DEVICE_H
#define GMEM_CORE_DEVICE_H

#include <cstddef>

#include "core/page_range.h"

namespace gmem {

// A heterogeneous NUMA id.
enum class Hnid : int { kAny = -1 };

// Nodes have the numbers below this: as many as any kernel is configured for.
inline constexpr int kMostNodes = 1024;

// 0 or a negative errno.
using Error = int;

// An opaque handle as gmemStreamCreate's callers hold it; never null here.
using StreamHandle = void*;

class Device;

// One queued operation: plain data, so that queues may copy it freely.
struct Task {
  enum class Kind { kPrefetch, kDiscard };
  Kind kind;
  Hnid node;        // of kPrefetch
  ByteRange range;  // of kPrefetch: the caller's; of kDiscard: whole pages
};

struct Availability {
  Error error;         // 0: the device can be used
  const char* reason;  // in words, of static lifetime; "" where error is 0
};

// Memory that the heap asks for.
struct ChunkRequest {
  std::size_t size;         // bytes, a multiple of kPageSize
  std::uintptr_t hint = 0;  // where it is wanted, if not 0
  // Small, long-lived and sparsely touched, so not worth huge pages.
  bool metadata = false;
  // Whether huge pages are wanted; never for metadata.
  bool huge_pages = true;
  // Where its pages are to lie from the first touch on; kAny: as the touching
  // thread's own policy says.
  Hnid node = Hnid::kAny;
};

// Whoever calls a device has the caller's errno kept and the thread not cancelled
// (api.cc, heap/backing.h): a device need not care.
class Device {
 public:
  // Lower case, as --with-device and conf "device:NAME" spell it.
  virtual const char* name() const = 0;

  // Cheap and without a lasting effect on the process; called once, from
  // devices.cc, never from inside malloc.
  virtual Availability probe() = 0;

  // The node that gmemGetNumaId returns, >= 0, or a negative errno.
  virtual int numa_id() = 0;

  // Whether prefetch may name this node now.  Takes any int, and answers
  // without a system call in the common case.
  virtual bool is_valid_node(Hnid node) = 0;

  // gmemPrefetch's semantics on a non-empty range and a valid node.
  virtual Error prefetch(const ByteRange& range, Hnid node) = 0;

  // gmemFreeEager's semantics on a non-empty set of whole pages.
  virtual Error discard(const PageRange& pages) = 0;

  // gmemGetResidentSize's semantics on a non-empty range; node is valid or
  // Hnid::kAny.
  virtual Error resident_size(const ByteRange& range, Hnid node,
                              std::size_t* resident) = 0;

  // Streams.  enqueue runs the task in stream order, never loses it, and
  // keeps its error for stream_synchronize; it returns -EINVAL, without
  // touching the memory behind it, for a handle that is not live.
  virtual Error stream_create(StreamHandle* stream) = 0;
  virtual Error stream_synchronize(StreamHandle stream) = 0;
  virtual Error stream_destroy(StreamHandle stream) = 0;
  virtual bool is_live_stream(StreamHandle stream) = 0;
  virtual Error enqueue(StreamHandle stream, const Task& task) = 0;

  // Memory for the heap: readable, writable and zero, 2 MiB aligned; at the
  // hint where that address is free, else at a place of the device's choice.
  // 0 where there is no memory.  A node that cannot be had is no failure: it
  // is logged, and the memory lies where the kernel puts it.  Called from
  // inside malloc: no allocation, no probing, no lock that malloc's callers
  // hold.
  virtual std::uintptr_t map_chunk(const ChunkRequest& request) = 0;

  // Pages of chunks that were mapped without huge pages, or use small ones, are
  // in full use by now, or empty: what they hold moves into huge pages, and what
  // they will hold comes in such, where those can be had.
  // Callable as map_chunk is.
  virtual void use_huge_pages(const PageRange& pages) = 0;

  // Parts of these pages of chunks have gone back, and are to stay away: nothing
  // is to fill a page up to a huge one again, before use_huge_pages.  Callable
  // as map_chunk is.
  virtual void use_small_pages(const PageRange& pages) = 0;

  // Pages of chunks are to be prefetched to a node: what could carry them off
  // again, such as NUMA balancing, shall leave them there.
  virtual void keep_chunk(const PageRange& pages, Hnid node) = 0;

  // Gives whole pages of a chunk back to the system; they read as zero
  // afterwards.  False where they keep their contents.  Callable as
  // map_chunk is.
  virtual bool purge_chunk(const PageRange& pages) = 0;

  // Gives kernel pages back that are part of one 2 MiB page of a chunk; they
  // read as zero afterwards.  False where they keep their contents, as on a
  // device that knows whole pages alone.  Callable as map_chunk is.
  virtual bool purge_part(const ByteRange& part) = 0;

  // Moves what pages of chunks hold to other pages of chunks, none of them in
  // both ranges: what these held is lost, and what the former hold afterwards is
  // undefined.  How many bytes have arrived: all, but where the kernel gave up
  // half way; the rest of the new place is lost to the process then and must not
  // be touched.  Callable as map_chunk is, without the heap's lock.
  virtual std::size_t move_chunk(const PageRange& from, std::uintptr_t to) = 0;

  // The process is about to fork: whether the child would lack what chunks
  // hold, unless they are passed to keep_chunk_for_child.  Called with the
  // heap's locks held.
  virtual bool fork_loses_chunks() = 0;

  // The child shall find what these pages of chunks hold.  Called likewise.
  virtual void keep_chunk_for_child(const PageRange& pages) = 0;

 protected:
  constexpr Device() = default;
  ~Device() = default;  // devices are static objects: never deleted
};

// Carries out a task on the calling thread.
inline Error run_task(Device& device, const Task& task) {
  if (task.kind == Task::Kind::kPrefetch)
    return device.prefetch(task.range, task.node);
  return device.discard(PageRange::inward(task.range));
}

}  // namespace gmem

#endif  // GMEM_CORE_DEVICE_H
