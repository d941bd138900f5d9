// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/chunk_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <optional>

namespace gmem::heap {
namespace {

constexpr std::size_t kWordBits = 64;

constexpr std::size_t page_index(std::uintptr_t address) {
  return address / kPageSize;
}

}  // namespace

// Calls change(word, mask) with the mask of the pieces in each word touched.
template <typename Change>
unsigned PieceSet::for_each_word(std::size_t first, std::size_t last,
                                 Change change) {
  int changed = 0;
  for (std::size_t at = first; at < last;) {
    const std::size_t bit = at % kWordBits;
    const std::size_t count = std::min(kWordBits - bit, last - at);
    const std::uint64_t ones = count == kWordBits
                                   ? ~std::uint64_t{0}
                                   : (std::uint64_t{1} << count) - 1;
    changed += change(words_[at / kWordBits], ones << bit);
    at += count;
  }
  return static_cast<unsigned>(changed);
}

unsigned PieceSet::add(std::size_t first, std::size_t last) {
  return for_each_word(first, last,
                       [](std::uint64_t& word, std::uint64_t mask) {
                         const int changed = __builtin_popcountll(mask & ~word);
                         word |= mask;
                         return changed;
                       });
}

unsigned PieceSet::remove(std::size_t first, std::size_t last) {
  return for_each_word(first, last,
                       [](std::uint64_t& word, std::uint64_t mask) {
                         const int changed = __builtin_popcountll(mask & word);
                         word &= ~mask;
                         return changed;
                       });
}

bool PieceSet::contains(std::size_t piece) const {
  return (words_[piece / kWordBits] >> (piece % kWordBits) & 1) != 0;
}

std::size_t PieceSet::next_beyond(const PieceSet& other, std::size_t from,
                                  bool wanted) const {
  for (std::size_t at = from; at < kPiecesPerPage;) {
    const std::size_t word = at / kWordBits;
    const std::uint64_t beyond = words_[word] & ~other.words_[word];
    const std::uint64_t left = (wanted ? beyond : ~beyond) >> (at % kWordBits);
    if (left != 0) return at + static_cast<std::size_t>(__builtin_ctzll(left));
    at = (word + 1) * kWordBits;
  }
  return kPiecesPerPage;
}

PieceRun PageState::next_held_run(std::size_t from) const {
  const std::size_t first = decommitted.next_beyond(zero, from, true);
  return {first, decommitted.next_beyond(zero, first, false)};
}

const ChunkTable::Entry* ChunkTable::find(std::size_t index) const {
  const std::size_t leaf = index >> kLeafBits;
  if (leaf >= kLeaves || leaves_[leaf] == nullptr) return nullptr;
  return &leaves_[leaf]->entries[index % kLeafPages];
}

ChunkTable::Entry& ChunkTable::entry(std::uintptr_t address) const {
  const std::size_t index = page_index(address);
  return leaves_[index >> kLeafBits]->entries[index % kLeafPages];
}

bool ChunkTable::add(const PageRange& pages, Hnid node, bool huge) {
  const std::size_t first = page_index(pages.begin());
  const std::size_t last = page_index(pages.end());
  if (last > kLeaves * kLeafPages) return false;
  const auto node_and_two =
      static_cast<std::int16_t>(static_cast<int>(node) + 2);
  for (std::size_t index = first; index < last; ++index) {
    Leaf*& leaf = leaves_[index >> kLeafBits];
    if (leaf == nullptr) {
      void* made = mmap(nullptr, sizeof(Leaf), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (made == MAP_FAILED) return false;
      leaf = static_cast<Leaf*>(made);
    }
    leaf->entries[index % kLeafPages] = {
        node_and_two, Whole::kInUse, huge ? Backing::kHuge : Backing::kSmall};
  }
  return true;
}

bool ChunkTable::owns(std::uintptr_t address) const {
  const Entry* found = find(page_index(address));
  return found != nullptr && found->owned();
}

Hnid ChunkTable::node_of(std::uintptr_t address) const {
  const Entry* found = find(page_index(address));
  return found != nullptr && found->owned() ? found->node() : Hnid::kAny;
}

PageState& ChunkTable::at(std::uintptr_t address) {
  const std::size_t index = page_index(address);
  Leaf& leaf = *leaves_[index >> kLeafBits];
  Entry& entry = leaf.entries[index % kLeafPages];
  PageState& state = leaf.states[index % kLeafPages];
  if (entry.whole != Whole::kMixed) {
    state = {};
    if (entry.whole == Whole::kGivenBack) {
      state.decommitted.add(0, kPiecesPerPage);
      state.zero.add(0, kPiecesPerPage);
      state.decommitted_count = kPiecesPerPage;
    }
    entry.whole = Whole::kMixed;
  }
  return state;
}

unsigned ChunkTable::decommitted_count(std::uintptr_t address) const {
  const std::size_t index = page_index(address);
  const Leaf& leaf = *leaves_[index >> kLeafBits];
  switch (leaf.entries[index % kLeafPages].whole) {
    case Whole::kInUse:
      return 0;
    case Whole::kGivenBack:
      return kPiecesPerPage;
    case Whole::kMixed:
      break;
  }
  return __atomic_load_n(&leaf.states[index % kLeafPages].decommitted_count,
                         __ATOMIC_RELAXED);
}

bool ChunkTable::is_too_empty_for_huge_page(std::uintptr_t address) const {
  return decommitted_count(address) >= kFewestUnused;
}

template <typename Condition>
PageRange ChunkTable::first_run_where(std::uintptr_t begin,
                                      std::uintptr_t end_address,
                                      Condition condition) const {
  const std::size_t end =
      std::min(page_index(end_address), kLeaves * kLeafPages);
  std::size_t index = page_index(begin);
  while (index < end) {
    const Entry* found = find(index);
    if (found != nullptr && condition(*found)) break;
    // An absent leaf is passed over in one step.
    index = found != nullptr ? index + 1 : (index | (kLeafPages - 1)) + 1;
  }
  index = std::min(index, end);
  const std::size_t first = index;
  while (index < end) {
    const Entry* found = find(index);
    if (found == nullptr || !condition(*found)) break;
    ++index;
  }
  // Below 2^48, so the sum cannot wrap.
  const std::optional<ByteRange> run =
      ByteRange::from(first * kPageSize, (index - first) * kPageSize);
  return PageRange::inward(*run);
}

PageRange ChunkTable::first_run_in(std::uintptr_t begin,
                                   std::uintptr_t end) const {
  return first_run_where(begin, end,
                         [](const Entry& entry) { return entry.owned(); });
}

PageRange ChunkTable::first_run_in_use(std::uintptr_t begin,
                                       std::uintptr_t end) const {
  return first_run_where(begin, end, [](const Entry& entry) {
    return entry.owned() && entry.whole != Whole::kGivenBack;
  });
}

}  // namespace gmem::heap
