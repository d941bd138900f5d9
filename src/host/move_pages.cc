// SPDX-License-Identifier: MulanPSL-2.0
#include "host/move_pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "core/kernel_constants.h"
#include "host/advice.h"

namespace gmem::host {
namespace {

void* pointer(std::uintptr_t address) {
  return reinterpret_cast<void*>(address);
}

// The kernel takes what is at the new place away before it looks closely at the
// old one, so that it is asked only where it will not refuse.
bool remap(std::uintptr_t from, std::size_t size, std::uintptr_t to) {
  return mremap(pointer(from), size, size,
                MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
                pointer(to)) == pointer(to);
}

// Kernels from 5.7 on leave the old place mapped, and zero.
bool try_on_scratch() {
  const auto size = static_cast<std::size_t>(getpagesize());
  void* const scratch = mmap(nullptr, 2 * size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (scratch == MAP_FAILED) return false;
  char* const from = static_cast<char*>(scratch);
  char* const to = from + size;
  *from = 1;
  const bool moved = remap(reinterpret_cast<std::uintptr_t>(from), size,
                           reinterpret_cast<std::uintptr_t>(to)) &&
                     *to == 1 && *from == 0;
  munmap(scratch, 2 * size);
  return moved;
}

enum class Ability { kUnknown, kYes, kNo };
std::atomic<Ability> ability{Ability::kUnknown};

bool kernel_moves_pages() {
  Ability known = ability.load(std::memory_order_relaxed);
  if (known == Ability::kUnknown) {
    // An emulator may have the kernel move the pages and yet take the old place for
    // unmapped: system calls that write there are refused then.
    known =
        advice_is_followed() && try_on_scratch() ? Ability::kYes : Ability::kNo;
    ability.store(known, std::memory_order_relaxed);
  }
  return known == Ability::kYes;
}

// To grow by more than there is of addresses is refused with this error where the
// memory is one mapping, and with another where it is not.
bool is_one_mapping(std::uintptr_t begin, std::size_t size) {
  constexpr std::size_t kTooMuch = std::size_t{1} << 46;
  const void* const grown = mremap(pointer(begin), size, size + kTooMuch, 0);
  if (grown == MAP_FAILED) return errno == ENOMEM;
  munmap(pointer(begin + size), kTooMuch);
  return true;
}

// Locked memory has to stay so in both places, and the old one would not: this
// advice is refused for it, and means little for memory that is used again.
bool is_locked(std::uintptr_t page) {
  return madvise(pointer(page), kPageSize, MADV_COLD) != 0;
}

// How many of the pages at the begin lie in one mapping.
std::size_t length_of_mapping(const PageRange& pages) {
  std::size_t is_one = 0, is_not = pages.page_count() + 1;
  // As a rule all of them.
  for (std::size_t tried = pages.page_count(); is_not - is_one > 1;
       tried = (is_one + is_not) / 2)
    if (is_one_mapping(pages.begin(), tried * kPageSize))
      is_one = tried;
    else
      is_not = tried;
  return is_one;
}

bool map_again(std::uintptr_t begin, std::size_t size) {
  void* const memory = mmap(
      pointer(begin), size, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (memory == pointer(begin)) return true;
  if (memory != MAP_FAILED) munmap(memory, size);
  return false;
}

void copy(std::uintptr_t from, std::size_t size, std::uintptr_t to) {
  memcpy(pointer(to), pointer(from), size);
}

}  // namespace

std::size_t move_pages(const PageRange& from, std::uintptr_t to) {
  for (std::uintptr_t at = from.begin(); at < from.end();) {
    const std::size_t done = at - from.begin();
    const PageRange rest =
        PageRange::inward(*ByteRange::from(at, from.end() - at));
    if (!kernel_moves_pages()) {
      copy(at, rest.size(), to + done);
      break;
    }
    const std::size_t pages = length_of_mapping(rest);
    const std::size_t size = std::max(pages, std::size_t{1}) * kPageSize;
    if (pages == 0 || is_locked(at) || is_locked(to + done)) {
      copy(at, size, to + done);
    } else if (!remap(at, size, to + done)) {
      // Against all expectation.  Never again; and the new place may be gone.
      ability.store(Ability::kNo, std::memory_order_relaxed);
      if (!map_again(to + done, size)) return done;
      copy(at, size, to + done);
    }
    at += size;
  }
  return from.size();
}

}  // namespace gmem::host
