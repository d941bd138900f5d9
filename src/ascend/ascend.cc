// SPDX-License-Identifier: MulanPSL-2.0
// The device for Ascend NPUs on GMEM kernels: their memory is a node behind
// /dev/gmem, their streams are the Ascend runtime's.  What is not the NPU's is
// left to the host.
#include <errno.h>
#include <string.h>

#include "ascend/bring_home.h"
#include "ascend/chunk_map.h"
#include "ascend/discard.h"
#include "ascend/gmem_file.h"
#include "ascend/hnids.h"
#include "ascend/move_lock.h"
#include "ascend/move_out.h"
#include "ascend/peer_chunks.h"
#include "ascend/peer_flag.h"
#include "ascend/resident.h"
#include "ascend/runtime.h"
#include "ascend/streams.h"
#include "core/conf.h"
#include "core/error_text.h"
#include "core/fixed_text.h"
#include "core/host.h"

namespace gmem::ascend {
namespace {

bool is_known(Hnid node) { return is_known_hnid(static_cast<int>(node)); }

const char* why_not_opened(Error error) {
  switch (error) {
    case -ENOENT:
      return "there is no /dev/gmem: the kernel has no GMEM, or its driver is "
             "not loaded";
    case -EACCES:
    case -EPERM:
      return "no right to open /dev/gmem";
    case -ENXIO:
    case -ENODEV:
      return "there is no driver behind /dev/gmem";
    default:
      return error_text(error);
  }
}

Availability no_runtime() {
  static FixedText<2200> reason;
  reason.clear();
  reason.add("no Ascend runtime (libascendcl.so, libacl_rt.so): ")
      .add(runtime_search_report());
  return {-ENODEV, reason.c_str()};
}

// Calls on_peer(part) and on_other(part) for the parts of chunk pages that are
// peer-shared and that are not, in their order.
template <typename OnPeer, typename OnOther>
void for_each_part(const PageRange& pages, OnPeer on_peer, OnOther on_other) {
  const auto between = [](std::uintptr_t begin, std::uintptr_t end) {
    return PageRange::inward(*ByteRange::from(begin, end - begin));
  };
  for (std::uintptr_t at = pages.begin(); at < pages.end();) {
    const PageRange peer = first_peer_run(between(at, pages.end()));
    if (at < peer.begin()) on_other(between(at, peer.begin()));
    if (!peer.empty()) on_peer(peer);
    at = peer.end();
  }
}

class AscendDevice final : public Device {
 public:
  constexpr AscendDevice() = default;

  const char* name() const override { return "ascend"; }

  Availability probe() override {
    if (const Error error = open_gmem()) return {error, why_not_opened(error)};
    if (peer_shared_flag() == 0)
      return {-ENODEV, "the kernel has no peer-shared mappings"};
    if (!is_gmem_on())
      return {-ENODEV, "GMEM is off in the kernel: boot it with gmem=on"};
    if (runtime() == nullptr) return no_runtime();
    serve_streams_of(*this);
    return {0, ""};
  }

  int numa_id() override {
    const Hnid wanted{conf().device_node};
    if (is_valid_node(wanted)) return static_cast<int>(wanted);
    const int attached = attached_hnid();
    return attached < 0 ? -ENODEV : attached;
  }

  bool is_valid_node(Hnid node) override {
    return is_known(node) || host_device().is_valid_node(node) ||
           is_device_hnid(static_cast<int>(node));
  }

  Error prefetch(const ByteRange& range, Hnid node) override {
    return !is_known(node) && host_device().is_valid_node(node)
               ? bring_home(range, node)
               : move_out(range, static_cast<int>(node));
  }

  Error discard(const PageRange& pages) override {
    return ascend::discard(pages);
  }

  Error resident_size(const ByteRange& range, Hnid node,
                      std::size_t* resident) override {
    return ascend::resident_size(range, node, resident);
  }

  Error stream_create(StreamHandle* stream) override {
    return ascend::stream_create(stream);
  }
  Error stream_synchronize(StreamHandle stream) override {
    return ascend::stream_synchronize(stream);
  }
  Error stream_destroy(StreamHandle stream) override {
    return ascend::stream_destroy(stream);
  }
  bool is_live_stream(StreamHandle stream) override {
    return ascend::is_live_stream(stream);
  }
  Error enqueue(StreamHandle stream, const Task& task) override {
    return ascend::enqueue(stream, task);
  }

  // Peer-shared, but for the heap's bookkeeping, which no device computes on,
  // and for what is to stay on an ordinary node.
  std::uintptr_t map_chunk(const ChunkRequest& request) override {
    if (!request.metadata && !host_device().is_valid_node(request.node)) {
      const std::uintptr_t chunk = map_peer_chunk(request);
      if (chunk != 0) return chunk;
    }
    ChunkRequest rest = request;
    if (is_known(request.node)) rest.node = Hnid::kAny;
    return host_device().map_chunk(rest);
  }

  // Peer-shared memory lies in pages of 2 MiB as it is.
  void use_huge_pages(const PageRange& pages) override {
    for_each_part(
        pages, [](const PageRange&) {},
        [](const PageRange& part) { host_device().use_huge_pages(part); });
  }

  void use_small_pages(const PageRange& pages) override {
    for_each_part(
        pages, [](const PageRange&) {},
        [](const PageRange& part) { host_device().use_small_pages(part); });
  }

  void keep_chunk(const PageRange& pages, Hnid node) override {
    if (is_known(node)) return;
    for_each_part(
        pages, [](const PageRange&) {},
        [node](const PageRange& part) {
          host_device().keep_chunk(part, node);
        });
  }

  bool purge_chunk(const PageRange& pages) override {
    bool purged = true;
    for_each_part(
        pages, [&](const PageRange& part) { purged &= purge_peer_chunk(part); },
        [&](const PageRange& part) {
          purged &= host_device().purge_chunk(part);
        });
    return purged;
  }

  // Of peer-shared memory the kernel takes whole pages alone.
  bool purge_part(const ByteRange& part) override {
    bool purged = false;
    for_each_part(
        PageRange::outward(part), [](const PageRange&) {},
        [&](const PageRange&) { purged = host_device().purge_part(part); });
    return purged;
  }

  // Peer-shared memory has one address for all who share it.
  std::size_t move_chunk(const PageRange& from, std::uintptr_t to) override {
    const PageRange new_place =
        PageRange::inward(*ByteRange::from(to, from.size()));
    if (first_peer_run(from).empty() && first_peer_run(new_place).empty())
      return host_device().move_chunk(from, to);
    memcpy(reinterpret_cast<void*>(to),
           reinterpret_cast<const void*>(from.begin()), from.size());
    return from.size();
  }

  bool fork_loses_chunks() override {
    return has_peer_chunks() && !conf().exclude_from_fork && may_be_attached();
  }

  void keep_chunk_for_child(const PageRange& pages) override {
    for_each_part(pages, bring_home_all, [](const PageRange&) {});
  }
};

AscendDevice ascend_device;

}  // namespace

Device& device() { return ascend_device; }

}  // namespace gmem::ascend
