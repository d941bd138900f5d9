// SPDX-License-Identifier: MulanPSL-2.0
// The host device: the NUMA nodes of any Linux.
#include "core/host.h"

#include "core/conf.h"
#include "core/stream.h"
#include "host/chunk_map.h"
#include "host/discard.h"
#include "host/huge_pages.h"
#include "host/migrate.h"
#include "host/move_pages.h"
#include "host/nodes.h"
#include "host/prefetch.h"
#include "host/resident.h"

namespace gmem::host {
namespace {

class HostDevice final : public Host {
 public:
  constexpr HostDevice() = default;

  const char* name() const override { return "host"; }

  Availability probe() override { return {0, ""}; }

  int numa_id() override {
    const int wanted = conf().device_node;
    return is_usable_node(wanted) ? wanted : preferred_node();
  }

  bool is_valid_node(Hnid node) override {
    return is_usable_node(static_cast<int>(node));
  }

  Error prefetch(const ByteRange& range, Hnid node) override {
    return host::prefetch(range, static_cast<int>(node));
  }

  Error fill_in(const ByteRange& range, Hnid node) override {
    return host::fill_in(range, static_cast<int>(node));
  }

  Error discard(const PageRange& pages) override {
    return host::discard(pages);
  }

  Error resident_size(const ByteRange& range, Hnid node,
                      std::size_t* resident) override {
    return host::resident_size(range, node, resident);
  }

  Error stream_create(StreamHandle* stream) override {
    return stream::create(*this, stream);
  }
  Error stream_synchronize(StreamHandle stream) override {
    return stream::synchronize(stream);
  }
  Error stream_destroy(StreamHandle stream) override {
    return stream::destroy(stream);
  }
  bool is_live_stream(StreamHandle stream) override {
    return stream::is_live(stream);
  }
  Error enqueue(StreamHandle stream, const Task& task) override {
    return stream::enqueue(stream, task);
  }

  std::uintptr_t map_chunk(const ChunkRequest& request) override {
    return host::map_chunk(request);
  }

  void use_huge_pages(const PageRange& pages) override {
    host::use_huge_pages(pages);
  }

  void use_small_pages(const PageRange& pages) override {
    host::use_small_pages(pages);
  }

  void keep_chunk(const PageRange& pages, Hnid node) override {
    host::keep_chunk(pages, node);
  }

  bool purge_chunk(const PageRange& pages) override {
    return host::purge_chunk(pages);
  }

  bool purge_part(const ByteRange& part) override {
    return host::purge_part(part);
  }

  std::size_t move_chunk(const PageRange& from, std::uintptr_t to) override {
    return move_pages(from, to);
  }

  bool fork_loses_chunks() override { return false; }

  void keep_chunk_for_child(const PageRange&) override {
    // The kernel copies all that there is.
  }
};

HostDevice the_host;

}  // namespace

Device& device() { return the_host; }

}  // namespace gmem::host

namespace gmem {

Host& host_device() { return host::the_host; }

}  // namespace gmem
