// SPDX-License-Identifier: MulanPSL-2.0
// What is known of each 2 MiB page that the heap was given, by address.
//
// jemalloc gives memory back in pieces of a few kernel pages.  A device takes
// it back in whole 2 MiB pages alone, so the table notes which pieces are
// decommitted, and says when a whole page is.  It notes too which pieces are
// known to be zero, as jemalloc relies on recommitted memory being so.
//
// Not thread-safe: the caller holds the heap's lock.
#ifndef GMEM_HEAP_CHUNK_TABLE_H
#define GMEM_HEAP_CHUNK_TABLE_H

#include <cstddef>
#include <cstdint>

#include "core/device.h"

namespace gmem::heap {

// The piece in which the table counts; kernel pages are multiples of it.
inline constexpr std::size_t kPieceSize = 4096;
inline constexpr std::size_t kPiecesPerPage = kPageSize / kPieceSize;

// One bit for each piece of a 2 MiB page.
class PieceSet {
 public:
  // Both return how many of the pieces [first, last) changed.
  unsigned add(std::size_t first, std::size_t last);
  unsigned remove(std::size_t first, std::size_t last);
  bool contains(std::size_t piece) const;

  // The first piece at or above `from` that is in this set and not in the
  // other (wanted) or is not so (not wanted); kPiecesPerPage if none is.
  std::size_t next_beyond(const PieceSet& other, std::size_t from,
                          bool wanted) const;

 private:
  template <typename Change>
  unsigned for_each_word(std::size_t first, std::size_t last, Change change);

  std::uint64_t words_[kPiecesPerPage / 64];
};

// Pieces [first, last).
struct PieceRun {
  std::size_t first;
  std::size_t last;
  bool empty() const { return first == last; }
};

struct PageState {
  PieceSet decommitted;
  PieceSet zero;
  std::uint16_t decommitted_count;
  bool owned;
  Hnid node;  // that gmemAlloc was asked for; kAny of other memory

  void count_decommitted(int pieces) {
    decommitted_count = static_cast<std::uint16_t>(decommitted_count + pieces);
  }

  bool wholly_decommitted() const {
    return decommitted_count == kPiecesPerPage;
  }

  // Whether what is unused is worth more than the huge page that holds it.
  bool too_empty_for_huge_page() const {
    return decommitted_count >= kPiecesPerPage / 4;
  }

  // The first run at or above a piece that is decommitted and yet may hold
  // something.
  PieceRun next_held_run(std::size_t from) const;
};

class ChunkTable {
 public:
  // Notes that the heap owns these pages, for a node or for any.  False
  // without memory for it.
  bool add(const PageRange& pages, Hnid node);

  bool owns(std::uintptr_t address) const;

  // As add was told; kAny where the heap owns nothing.
  Hnid node_of(std::uintptr_t address) const;

  // The state of an owned page.
  PageState& at(std::uintptr_t address);

  // The lowest run of owned pages within [begin, end), both multiples of
  // kPageSize; empty where there is none.
  PageRange first_run_in(std::uintptr_t begin, std::uintptr_t end) const;

  // The lowest run within them of owned pages that may hold something.
  PageRange first_run_in_use(std::uintptr_t begin, std::uintptr_t end) const;

  // The lowest at or above an address, wherever it ends.
  PageRange next_run(std::uintptr_t from) const {
    return first_run_in(from, std::uintptr_t{1} << kAddressBits);
  }
  PageRange next_run_in_use(std::uintptr_t from) const {
    return first_run_in_use(from, std::uintptr_t{1} << kAddressBits);
  }

 private:
  // 48 bits of address: the most that Linux hands out unless asked for more.
  static constexpr unsigned kAddressBits = 48;
  static constexpr unsigned kPageBits = 21;
  static constexpr unsigned kLeafBits = 13;
  static constexpr std::size_t kLeafPages = std::size_t{1} << kLeafBits;
  static constexpr std::size_t kLeaves = std::size_t{1}
                                         << (kAddressBits - kPageBits -
                                             kLeafBits);

  const PageState* find(std::size_t index) const;
  template <typename Condition>
  PageRange first_run_where(std::uintptr_t begin, std::uintptr_t end,
                            Condition condition) const;

  PageState* leaves_[kLeaves];
};

}  // namespace gmem::heap

#endif  // GMEM_HEAP_CHUNK_TABLE_H
