// SPDX-License-Identifier: MulanPSL-2.0
// GMEM_CONF="key:value,key:value": what a user sets for one process.
// Ignored in a set-user-ID program.  Read once, at the first need, without
// an allocation or a lock: conf() may be called from inside malloc, and from
// several threads at once.
#ifndef GMEM_CORE_CONF_H
#define GMEM_CORE_CONF_H

#include <cstddef>
#include <optional>

namespace gmem {

enum class HugePages { kNever, kLarge, kAlways };
enum class Profile { kBalanced, kSpeed, kMemory };
enum class LogLevel { kError, kWarn, kInfo, kDebug };

inline constexpr int kNoNode = -1;
inline constexpr int kNeverDecay = -1;

// As many as the heap can number.
inline constexpr unsigned kMostArenas = 1024;

struct Conf {
  char device[32] = "";             // device:NAME; "" probes the list
  int device_node = kNoNode;        // device_node:N, what gmemGetNumaId returns
  LogLevel log = LogLevel::kError;  // log:error|warn|info|debug
  int heap_node = kNoNode;          // heap_node:N, where the whole heap lies
  bool strict_placement = false;  // placement:preferred|strict, of heap memory
                                  // that is meant for a node: strict rather
                                  // fails (OOM) than lies elsewhere
  // huge_pages:always|large|never, for the heap, and for prefetch unless never
  std::optional<HugePages> huge_pages;
  bool exclude_from_fork = false;  // fork:home|exclude, whether heap memory on
                                   // a device comes home for a child, or is
                                   // no child's
  Profile profile = Profile::kBalanced;  // profile:balanced|speed|memory,
      // what the heap's keys that are not set mean
  std::optional<int> decay_ms;              // decay:MILLISECONDS|never
  std::optional<unsigned> arenas;           // arenas:N
  std::optional<std::size_t> thread_cache;  // thread_cache:BYTES[K|M]|off
  bool background_thread = true;            // background_thread:on|off
  bool check = false;    // check:on|off, whether each free is checked
  char stats[256] = "";  // stats:FILE, a report is appended at exit;
                         // "stderr" prints it there
};

// Fills conf from text (null: defaults).  Calls complain, where not null,
// once for each item whose key or value is not understood, which changes
// nothing; the rest still counts.  Of a key set twice the last value stands.
using Complain = void (*)(const char* item);
void parse_conf(const char* text, Conf& conf, Complain complain);

// The process's own, from the environment.
const Conf& conf();

}  // namespace gmem

#endif  // GMEM_CORE_CONF_H
