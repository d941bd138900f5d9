// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/device_memory.h"

#include "doubles/page_mover.h"
#include "doubles/process_state.h"
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

// The search goes on where the last one ended; page_count where all are in
// use.
std::size_t find_slot() {
  ProcessState& state = process_state();
  for (std::size_t tried = 0; tried < page_count; ++tried) {
    const std::size_t slot = (state.next_slot + tried) % page_count;
    if (pages_in_slots()[slot] != 0) continue;
    state.next_slot = slot + 1;
    return slot;
  }
  return page_count;
}

}  // namespace

void make_device_memory(std::size_t pages) {
  page_count = pages;
  memory = reserve_device_memory(pages);
}

void forget_copies_of_parent() {
  if (page_count != 0) empty_device_memory(memory, page_count);
}

std::size_t slot_count() { return page_count; }

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
  if (!move_out(page, slot_address(slot))) return false;
  pages_in_slots()[slot] = page;
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
    forget_copy(slot_address(slot));
    pages_in_slots()[slot] = 0;
    entry_of(page) = 0;
  }
}

}  // namespace gmem_kernel
