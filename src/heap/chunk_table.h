// SPDX-License-Identifier: MulanPSL-2.0
// What is known of each 2 MiB page that the heap was given, by address.
//
// jemalloc gives memory back in pieces of a few kernel pages.  A device takes
// it back in whole 2 MiB pages alone, so the table notes which pieces are
// decommitted, and says when a whole page is.  It notes too which pieces are
// known to be zero, as jemalloc relies on recommitted memory being so.
//
// Most pages are wholly in use, or wholly given back, and then take two bytes of
// the table: what it costs to enter and to leave a huge block nobody notices.
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

// So many unused pieces are worth more than the huge page that holds them.
inline constexpr unsigned kFewestUnused = kPiecesPerPage / 4;

// Pieces [first, last).
struct PieceRun {
  std::size_t first;
  std::size_t last;
  bool empty() const { return first == last; }
};

// Of a page that is neither wholly in use nor wholly given back.
struct PageState {
  PieceSet decommitted;
  PieceSet zero;
  std::uint16_t decommitted_count;

  void count_decommitted(int pieces) {
    decommitted_count = static_cast<std::uint16_t>(decommitted_count + pieces);
  }

  bool wholly_decommitted() const {
    return decommitted_count == kPiecesPerPage;
  }

  // The first run at or above a piece that is decommitted and yet may hold
  // something.
  PieceRun next_held_run(std::size_t from) const;
};

class ChunkTable {
 public:
  // Notes that the heap owns these pages, for a node or for any, and whether
  // they come as huge ones.  False without memory for it.
  bool add(const PageRange& pages, Hnid node, bool huge = false);

  // Of an owned page: a note for who tells the device.
  enum class Backing : std::uint8_t {
    kSmall,
    kHuge,
    kSmallForNow,  // parts of a page that came as huge have gone back
  };
  Backing backing(std::uintptr_t address) const {
    return entry(address).backing;
  }
  void set_backing(std::uintptr_t address, Backing backing) {
    entry(address).backing = backing;
  }

  bool owns(std::uintptr_t address) const;

  // As add was told; kAny where the heap owns nothing.
  Hnid node_of(std::uintptr_t address) const;

  // What is known of an owned page.
  enum class Whole : std::uint8_t {
    kInUse,      // as when it is added: committed, and not known to be zero
    kGivenBack,  // decommitted, and known to be zero
    kMixed,      // its PageState tells
  };
  Whole whole(std::uintptr_t address) const { return entry(address).whole; }

  // Of an owned page, its state forgotten.
  void set_in_use(std::uintptr_t address) {
    entry(address).whole = Whole::kInUse;
  }
  void set_given_back(std::uintptr_t address) {
    entry(address).whole = Whole::kGivenBack;
  }

  // The state of an owned page, which is mixed from now on.
  PageState& at(std::uintptr_t address);

  // The same of one that may be looked at but stays what it is.
  bool is_too_empty_for_huge_page(std::uintptr_t address) const;

  // How many of a page's pieces are decommitted; no more than a hint where the
  // lock is not held.
  unsigned decommitted_count(std::uintptr_t address) const;

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
  static constexpr std::size_t kLeaves =
      std::size_t{1} << (kAddressBits - kPageBits - kLeafBits);

  struct Entry {
    std::int16_t node_and_two;  // 0: the heap does not own the page
    Whole whole;
    Backing backing;

    bool owned() const { return node_and_two != 0; }
    Hnid node() const { return Hnid{node_and_two - 2}; }
  };

  struct Leaf {
    Entry entries[kLeafPages];
    PageState states[kLeafPages];
  };

  const Entry* find(std::size_t index) const;
  Entry& entry(std::uintptr_t address) const;
  template <typename Condition>
  PageRange first_run_where(std::uintptr_t begin, std::uintptr_t end,
                            Condition condition) const;

  Leaf* leaves_[kLeaves];
};

}  // namespace gmem::heap

#endif  // GMEM_HEAP_CHUNK_TABLE_H
