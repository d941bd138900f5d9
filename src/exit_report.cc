// SPDX-License-Identifier: MulanPSL-2.0
// With conf "stats:FILE", one line about the process is appended to FILE when
// it exits: "key=value" pairs, which gmemrun --stats reads.
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/conf.h"
#include "core/devices.h"
#include "core/no_cancel.h"
#include "core/stats.h"
#include "heap/heap_usage.h"
#include "report_file.h"

namespace {

// A line that is cut short rather than overrun.
class Line {
 public:
  [[gnu::format(printf, 2, 3)]] void add(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length =
        vsnprintf(text_ + length_, sizeof text_ - length_, format, arguments);
    va_end(arguments);
    if (length > 0) length_ += static_cast<std::size_t>(length);
    if (length_ > sizeof text_ - 1) length_ = sizeof text_ - 1;
  }

  const char* text() const { return text_; }
  std::size_t length() const { return length_; }

 private:
  char text_[1536];
  std::size_t length_ = 0;
};

// A blank in the name would end the value.
void add_command(Line& line) {
  char name[64];
  strncpy(name, program_invocation_short_name, sizeof name - 1);
  name[sizeof name - 1] = '\0';
  for (char* at = name; *at != '\0'; ++at)
    if (*at <= ' ' || *at == 0x7f) *at = '_';
  line.add("pid=%d command=%s", static_cast<int>(getpid()), name);
}

void add_counters(Line& line) {
  const struct {
    const char* key;
    const gmem::Counter& counter;
  } counters[] = {
      {"prefetch_calls", gmem::stats.prefetch_calls},
      {"prefetch_bytes", gmem::stats.prefetch_bytes},
      {"prefetch_errors", gmem::stats.prefetch_errors},
      {"discard_calls", gmem::stats.discard_calls},
      {"discard_bytes", gmem::stats.discard_bytes},
      {"discard_errors", gmem::stats.discard_errors},
      {"queued_tasks", gmem::stats.queued_tasks},
      {"heap_mapped", gmem::stats.chunk_bytes},
      {"heap_metadata", gmem::stats.metadata_bytes},
      {"heap_returned", gmem::stats.purged_bytes},
  };
  for (const auto& [key, counter] : counters)
    line.add(" %s=%" PRIu64, key, counter.get());
}

void add_heap(Line& line) {
  const gmem::heap::HeapUsage usage = gmem::heap::heap_usage();
  line.add(" heap_allocated=%zu heap_active=%zu", usage.allocated,
           usage.active);

  gmem::Device* const device = gmem::current_device();
  std::size_t bytes = 0;
  if (device == nullptr ||
      gmem::heap::heap_resident_on(*device, gmem::Hnid::kAny, &bytes) != 0)
    return;
  line.add(" heap_resident=%zu", bytes);
  for (int node = 0; node < gmem::kMostNodes; ++node) {
    if (!device->is_valid_node(gmem::Hnid{node})) continue;
    if (gmem::heap::heap_resident_on(*device, gmem::Hnid{node}, &bytes) == 0)
      line.add(" heap_on_node%d=%zu", node, bytes);
  }
}

[[gnu::constructor]] void get_ready() { gmem::open_report_file(); }

[[gnu::destructor]] void report_at_exit() {
  if (gmem::conf().stats[0] == '\0') return;
  const gmem::NoCancel no_cancel;
  Line line;
  add_command(line);
  add_counters(line);
  add_heap(line);
  line.add("\n");
  gmem::write_report(line.text(), line.length());
}

}  // namespace
