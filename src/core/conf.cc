// SPDX-License-Identifier: MulanPSL-2.0
#include "core/conf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <new>
#include <optional>

#include "core/device.h"
#include "core/keep_errno.h"
#include "core/log.h"

namespace gmem {
namespace {

// Characters of the text being read, which ends elsewhere.
struct Part {
  const char* begin;
  std::size_t length;

  bool operator==(const char* word) const {
    return strlen(word) == length && memcmp(begin, word, length) == 0;
  }

  // What stands before the first separator, or all of it.
  Part until(char separator) const {
    const void* found = memchr(begin, separator, length);
    if (found == nullptr) return *this;
    const char* end = static_cast<const char*>(found);
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  // What stands after the separator that ends head; empty where none does.
  Part after(const Part& head) const {
    const std::size_t taken = head.length < length ? head.length + 1 : length;
    return {begin + taken, length - taken};
  }
};

template <std::size_t kSize>
bool copy_text(const Part& value, char (&field)[kSize]) {
  if (value.length == 0 || value.length >= kSize) return false;
  memcpy(field, value.begin, value.length);
  field[value.length] = '\0';
  return true;
}

bool set_device(const Part& value, Conf& conf) {
  if (!copy_text(value, conf.device)) return false;
  for (char& c : conf.device)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return true;
}

// 0 to INT_MAX.
std::optional<int> number_in(const Part& value) {
  if (value.length == 0) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < value.length; ++i) {
    const int digit = value.begin[i] - '0';
    if (digit < 0 || digit > 9 || number > (INT_MAX - digit) / 10)
      return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

template <typename Value, typename Field>
bool set_if_read(const std::optional<Value>& value, Field& field) {
  if (value) field = *value;
  return value.has_value();
}

std::optional<int> node_in(const Part& value) {
  const std::optional<int> node = number_in(value);
  return node && *node < kMostNodes ? node : std::nullopt;
}

bool set_device_node(const Part& value, Conf& conf) {
  return set_if_read(node_in(value), conf.device_node);
}

bool set_heap_node(const Part& value, Conf& conf) {
  return set_if_read(node_in(value), conf.heap_node);
}

template <typename Value>
struct Word {
  const char* name;
  Value value;
};

// One of a few words: what it stands for.
template <typename Value, std::size_t kCount, typename Field>
bool set_choice(const Part& value, const Word<Value> (&words)[kCount],
                Field& field) {
  for (const Word<Value>& word : words) {
    if (!(value == word.name)) continue;
    field = word.value;
    return true;
  }
  return false;
}

bool set_placement(const Part& value, Conf& conf) {
  constexpr Word<bool> kWords[] = {{"preferred", false}, {"strict", true}};
  return set_choice(value, kWords, conf.strict_placement);
}

bool set_fork(const Part& value, Conf& conf) {
  constexpr Word<bool> kWords[] = {{"home", false}, {"exclude", true}};
  return set_choice(value, kWords, conf.exclude_from_fork);
}

bool set_log(const Part& value, Conf& conf) {
  constexpr Word<LogLevel> kWords[] = {
      {"error", LogLevel::kError},
      {"warn", LogLevel::kWarn},
      {"info", LogLevel::kInfo},
      {"debug", LogLevel::kDebug},
  };
  return set_choice(value, kWords, conf.log);
}

bool set_huge_pages(const Part& value, Conf& conf) {
  constexpr Word<HugePages> kWords[] = {
      {"always", HugePages::kAlways},
      {"large", HugePages::kLarge},
      {"never", HugePages::kNever},
  };
  return set_choice(value, kWords, conf.huge_pages);
}

bool set_profile(const Part& value, Conf& conf) {
  constexpr Word<Profile> kWords[] = {
      {"balanced", Profile::kBalanced},
      {"memory", Profile::kMemory},
      {"speed", Profile::kSpeed},
  };
  return set_choice(value, kWords, conf.profile);
}

bool set_decay(const Part& value, Conf& conf) {
  return set_if_read(value == "never" ? kNeverDecay : number_in(value),
                     conf.decay_ms);
}

bool set_arenas(const Part& value, Conf& conf) {
  const std::optional<int> count = number_in(value);
  if (!count || *count == 0 || unsigned(*count) > kMostArenas) return false;
  conf.arenas = static_cast<unsigned>(*count);
  return true;
}

// The number before a unit, if there is one.
std::optional<std::size_t> bytes_in(Part value) {
  constexpr Word<unsigned> kUnits[] = {{"K", 10}, {"M", 20}};
  unsigned shift = 0;
  if (value.length != 0 &&
      set_choice(Part{value.begin + value.length - 1, 1}, kUnits, shift))
    --value.length;
  const std::optional<int> number = number_in(value);
  if (!number) return std::nullopt;
  return static_cast<std::size_t>(*number) << shift;
}

bool set_thread_cache(const Part& value, Conf& conf) {
  return set_if_read(value == "off" ? 0 : bytes_in(value), conf.thread_cache);
}

constexpr Word<bool> kOffOrOn[] = {{"off", false}, {"on", true}};

bool set_background_thread(const Part& value, Conf& conf) {
  return set_choice(value, kOffOrOn, conf.background_thread);
}

bool set_check(const Part& value, Conf& conf) {
  return set_choice(value, kOffOrOn, conf.check);
}

bool set_stats(const Part& value, Conf& conf) {
  return copy_text(value, conf.stats);
}

constexpr struct {
  const char* name;
  bool (*set)(const Part& value, Conf& conf);
} kKeys[] = {
    {"arenas", set_arenas},
    {"background_thread", set_background_thread},
    {"check", set_check},
    {"decay", set_decay},
    {"device", set_device},
    {"device_node", set_device_node},
    {"fork", set_fork},
    {"heap_node", set_heap_node},
    {"huge_pages", set_huge_pages},
    {"log", set_log},
    {"placement", set_placement},
    {"profile", set_profile},
    {"stats", set_stats},
    {"thread_cache", set_thread_cache},
};

bool apply(const Part& item, Conf& conf) {
  const Part key = item.until(':');
  for (const auto& known : kKeys)
    if (key == known.name) return known.set(item.after(key), conf);
  return false;
}

void complain_about(const Part& item, Complain complain) {
  char text[sizeof Conf::stats + 32];
  const Part shown = {
      item.begin, item.length < sizeof text ? item.length : sizeof text - 1};
  copy_text(shown, text);
  complain(text);
}

void log_ignored(const char* item) {
  log(LogLevel::kError, "GMEM_CONF: ignored \"%s\"", item);
}

constexpr Conf kDefaults;

std::atomic<const Conf*> known_conf{nullptr};

// Several threads may come here at once, one perhaps in the middle of a fork,
// so nobody waits: each reads for itself, the first to finish is believed.
const Conf& read_environment() {
  const KeepErrno keep_errno;
  const char* text = secure_getenv("GMEM_CONF");
  void* page = mmap(nullptr, sizeof(Conf), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return kDefaults;
  Conf* mine = new (page) Conf;
  parse_conf(text, *mine, nullptr);
  const Conf* first = nullptr;
  if (!known_conf.compare_exchange_strong(first, mine,
                                          std::memory_order_acq_rel)) {
    munmap(page, sizeof(Conf));
    return *first;
  }
  Conf again;
  parse_conf(text, again, log_ignored);
  return *mine;
}

}  // namespace

void parse_conf(const char* text, Conf& conf, Complain complain) {
  conf = Conf{};
  if (text == nullptr) return;
  for (Part rest = {text, strlen(text)}; rest.length != 0;) {
    const Part item = rest.until(',');
    rest = rest.after(item);
    if (item.length != 0 && !apply(item, conf) && complain != nullptr)
      complain_about(item, complain);
  }
}

const Conf& conf() {
  const Conf* known = known_conf.load(std::memory_order_acquire);
  return known != nullptr ? *known : read_environment();
}

}  // namespace gmem
