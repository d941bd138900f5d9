// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/device_memory.h"

#include <sys/mman.h>

#include <stdexcept>

#include "doubles/process_state.h"
#include "doubles/raw_calls.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

// An entry of the ledger is 0, or the page of the device plus one.
constexpr std::uint32_t kPinned = std::uint32_t{1} << 31;

std::uintptr_t memory;
std::size_t page_count;

std::uintptr_t slot_address(std::size_t slot) {
  return memory + slot * kPageSize;
}

std::atomic<std::uint32_t>& entry_of(std::uintptr_t page) {
  return ledger_entries()[(page - kWindowBegin) / kPageSize];
}

std::size_t slot_of(std::uintptr_t page) {
  return (entry_of(page) & ~kPinned) - 1;
}

// The next free one behind the last, so that pages that were moved in a row
// stay one mapping of the kernel below; page_count where all are in use.
std::size_t find_slot() {
  ProcessState& state = process_state();
  for (std::size_t tried = 0; tried < page_count; ++tried) {
    const std::size_t slot = (state.next_slot + tried) % page_count;
    if (used_slots()[slot]) continue;
    state.next_slot = slot + 1;
    return slot;
  }
  return page_count;
}

// Atomic for those who write to the page meanwhile: they fault either before
// or after it.
bool move_mapping(std::uintptr_t page, std::uintptr_t slot) {
  const long moved =
      raw_call(SYS_mremap, page, kPageSize, kPageSize,
               MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, slot);
  if (is_error(moved)) return false;
  // The program may have taken its own rights away, not the device's.
  raw_call(SYS_mprotect, slot, kPageSize, PROT_READ | PROT_WRITE);
  return true;
}

}  // namespace

void make_device_memory(std::size_t pages) {
  page_count = pages;
  const long made =
      raw_mmap(0, (pages + 1) * kPageSize, PROT_NONE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
  if (is_error(made)) throw std::runtime_error("no memory for the device");
  memory = page_up(static_cast<std::uintptr_t>(made));
}

void empty_device_memory() {
  if (page_count != 0)
    raw_mmap(memory, page_count * kPageSize, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED);
}

bool is_on_device_page(std::uintptr_t page) {
  return in_window(page) && entry_of(page) != 0;
}

bool is_pinned_page(std::uintptr_t page) {
  return in_window(page) && (entry_of(page) & kPinned) != 0;
}

std::uintptr_t device_copy(std::uintptr_t page) {
  return slot_address(slot_of(page));
}

bool move_to_device(std::uintptr_t page) {
  const std::size_t slot = find_slot();
  if (slot == page_count) return false;
  if (!move_mapping(page, slot_address(slot))) return false;
  used_slots()[slot] = true;
  entry_of(page) = static_cast<std::uint32_t>(slot + 1);
  return true;
}

void set_pinned(std::uintptr_t page, bool pinned) {
  if (pinned)
    entry_of(page) |= kPinned;
  else
    entry_of(page) &= ~kPinned;
}

void drop_from_device(std::uintptr_t begin, std::uintptr_t end) {
  const Span span = clip_to_window(begin, end);
  for (std::uintptr_t page = span.begin; page < span.end; page += kPageSize) {
    if (!is_on_device_page(page)) continue;
    const std::size_t slot = slot_of(page);
    raw_call(SYS_madvise, slot_address(slot), kPageSize, MADV_DONTNEED);
    used_slots()[slot] = false;
    entry_of(page) = 0;
  }
}

}  // namespace gmem_kernel
