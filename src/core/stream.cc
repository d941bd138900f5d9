// SPDX-License-Identifier: MulanPSL-2.0
#include "core/stream.h"

#include <errno.h>
#include <pthread.h>

#include <cstddef>
#include <cstdint>

#include "core/fork_parts.h"
#include "core/lock.h"
#include "core/stream_slot.h"

namespace gmem::stream {
namespace {

// A handle is a mark, a generation and an index.  With the mark on top it is
// no canonical address, so that no pointer is ever taken for a live stream.
constexpr unsigned kIndexBits = 12;
constexpr unsigned kGenerationBits = 36;
constexpr std::uintptr_t kMark = 0x676d;  // "gm"
static_assert(kMaxStreams == std::size_t{1} << kIndexBits);

struct Entry {
  Slot slot;
  std::uintptr_t generation = 0;  // of the next stream here
  Entry* next_free = nullptr;     // of an entry that is free
};

Entry table[kMaxStreams];
std::size_t used_entries = 0;  // those from here on were never opened
Entry* first_free = nullptr;
// A signal handler may fork where it has interrupted a fork.
constexpr pthread_mutex_t kRecursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
pthread_mutex_t table_mutex = kRecursive;

StreamHandle next_handle(Entry& entry) {
  const auto index = static_cast<std::uintptr_t>(&entry - table);
  const std::uintptr_t generation =
      entry.generation++ & ((std::uintptr_t{1} << kGenerationBits) - 1);
  return reinterpret_cast<StreamHandle>(
      ((kMark << kGenerationBits | generation) << kIndexBits) | index);
}

// Null where the handle names no live stream.  It may cease to be live right
// afterwards, so the slot looks again, under its lock.
Entry* find(StreamHandle handle) {
  const std::size_t index =
      reinterpret_cast<std::uintptr_t>(handle) & (kMaxStreams - 1);
  Entry& entry = table[index];
  return handle != nullptr && entry.slot.is_live(handle) ? &entry : nullptr;
}

// Under table_mutex.
void put_back(Entry& entry) {
  entry.next_free = first_free;
  first_free = &entry;
}

// Locks are taken in this order: the table's, then the slots' by index.
bool before_fork(int) {
  pthread_mutex_lock(&table_mutex);
  for (std::size_t i = 0; i < used_entries; ++i) table[i].slot.lock_for_fork();
  return true;
}

void after_fork_in_parent() {
  for (std::size_t i = 0; i < used_entries; ++i)
    table[i].slot.unlock_in_parent();
  pthread_mutex_unlock(&table_mutex);
}

// An entry that another thread was just taking or putting back is free here.
void after_fork_in_child() {
  first_free = nullptr;
  for (std::size_t i = used_entries; i-- > 0;) {
    if (!table[i].slot.is_open()) put_back(table[i]);
    table[i].slot.unlock_in_child();
  }
  table_mutex = kRecursive;
}

constexpr ForkPart kForkPart = {before_fork, after_fork_in_parent,
                                after_fork_in_child};

[[GMEM_FORK_PART]] void follow_forks() {
  take_part_in_forks(ForkPlace::kStreams, kForkPart);
}

}  // namespace

Error create(Device& device, StreamHandle* stream) {
  if (const Error error = forks_are_heard_of()) return error;
  Entry* entry = nullptr;
  {
    const Lock lock(table_mutex);
    if (first_free != nullptr) {
      entry = first_free;
      first_free = entry->next_free;
    } else if (used_entries < kMaxStreams) {
      entry = &table[used_entries++];
    } else {
      return -EAGAIN;
    }
    *stream = next_handle(*entry);
  }
  entry->slot.open(device, *stream);
  return 0;
}

Error enqueue(StreamHandle stream, const Task& task) {
  Entry* entry = find(stream);
  return entry != nullptr ? entry->slot.enqueue(stream, task) : -EINVAL;
}

Error synchronize(StreamHandle stream) {
  Entry* entry = find(stream);
  return entry != nullptr ? entry->slot.synchronize(stream) : -EINVAL;
}

Error destroy(StreamHandle stream) {
  Entry* entry = find(stream);
  if (entry == nullptr) return -EINVAL;
  Error first_error = 0;
  const Error error = entry->slot.close(stream, &first_error);
  if (error != 0) return error;
  const Lock lock(table_mutex);
  put_back(*entry);
  return first_error;
}

bool is_live(StreamHandle stream) { return find(stream) != nullptr; }

}  // namespace gmem::stream
