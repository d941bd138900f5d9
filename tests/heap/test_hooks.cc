// SPDX-License-Identifier: MulanPSL-2.0
// Every allocation of every kind lies inside chunks that our hooks made.
// This program is linked with the heap's own objects, so that it runs on that
// heap and can look into its table.
#include <errno.h>
#include <gmem_jemalloc.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <random>
#include <thread>
#include <vector>

#include "core/stats.h"
#include "heap/chunk_source.h"
#include "heap/heap_state.h"
#include "support/check_main.h"

extern "C" void* pvalloc(size_t) noexcept;

namespace {

using gmem::PageRange;
using gmem::heap::heap_state;
using gmem::heap::HeapLock;

constexpr std::size_t kMiB = std::size_t{1} << 20;

struct Findings {
  std::atomic<long> checked{0};
  std::atomic<long> outside{0};   // of our chunks
  std::atomic<long> changed{0};   // contents that were not ours any more
  std::atomic<long> not_zero{0};  // bytes of calloc'ed memory
  bool clean() const { return !outside && !changed && !not_zero; }
};

bool lies_in_our_chunks(const void* pointer, std::size_t size) {
  const auto first = reinterpret_cast<std::uintptr_t>(pointer);
  const std::uintptr_t last = first + (size == 0 ? 0 : size - 1);
  HeapLock lock;
  for (std::uintptr_t at = first; at <= last; at += gmem::kPageSize)
    if (!heap_state.chunks.owns(at)) return false;
  return heap_state.chunks.owns(last);
}

// A block filled with a byte that its owner can tell again.
struct Block {
  unsigned char* bytes = nullptr;
  std::size_t size = 0;
  unsigned char mark = 0;
};

class Walker {
 public:
  Walker(unsigned seed, Findings& findings)
      : random_(seed), findings_(findings), blocks_(512) {}

  void walk(int steps) {
    for (int step = 0; step < steps; ++step)
      replace(blocks_[random_() % blocks_.size()]);
    for (Block& block : blocks_) release(block);
  }

 private:
  std::size_t random_size() {
    switch (random_() % 40) {
      case 0:
        return random_() % (12 * kMiB);
      case 1:
        return random_() % kMiB;
      case 2:
      case 3:
      case 4:
        return random_() % 40000;
      default:
        return random_() % 1500;
    }
  }

  // The ends and a sample are enough to see that a neighbour wrote there.
  template <typename Visit>
  static void for_sample(const Block& block, Visit visit) {
    const std::size_t stride = std::max<std::size_t>(1, block.size / 64);
    for (std::size_t at = 0; at < block.size; at += stride) visit(at);
    if (block.size > 0) visit(block.size - 1);
  }

  void check_mark(const Block& block) {
    for_sample(block, [&](std::size_t at) {
      if (block.bytes[at] != block.mark) ++findings_.changed;
    });
  }

  void release(Block& block) {
    check_mark(block);
    free(block.bytes);
    block = Block{};
  }

  void replace(Block& block) {
    const std::size_t size = random_size();
    if (random_() % 4 == 0) {
      grow_or_shrink(block, size);
    } else {
      release(block);
      block.bytes = static_cast<unsigned char*>(allocate(size));
    }
    block.size = block.bytes == nullptr ? 0 : size;
    block.mark = static_cast<unsigned char>(random_());
    ++findings_.checked;
    if (block.bytes == nullptr || !lies_in_our_chunks(block.bytes, size))
      ++findings_.outside;
    for_sample(block, [&](std::size_t at) { block.bytes[at] = block.mark; });
  }

  void grow_or_shrink(Block& block, std::size_t size) {
    check_mark(block);
    if (size == 0) size = 1;
    block.bytes = static_cast<unsigned char*>(realloc(block.bytes, size));
    const std::size_t kept = std::min(size, block.size);
    if (kept > 0 && block.bytes[0] != block.mark) ++findings_.changed;
  }

  void* allocate(std::size_t size) {
    void* pointer = nullptr;
    switch (random_() % 7) {
      case 0:
        return zeroed(size);
      case 1:
        return posix_memalign(&pointer, sizeof(void*) << (random_() % 18),
                              size) == 0
                   ? pointer
                   : nullptr;
      case 2:
        return memalign(64, size);
      case 3:
        return aligned_alloc(4096, size);
      case 4:
        return size < 65536 ? valloc(size) : malloc(size);
      case 5:
        return size < 65536 ? pvalloc(size) : malloc(size);
      default:
        return malloc(size);
    }
  }

  void* zeroed(std::size_t size) {
    auto* bytes = static_cast<unsigned char*>(calloc(1, size));
    if (bytes != nullptr &&
        std::any_of(bytes, bytes + size, [](unsigned char b) { return b; }))
      ++findings_.not_zero;
    return bytes;
  }

  std::mt19937 random_;
  Findings& findings_;
  std::vector<Block> blocks_;
};

bool forked_child_walks(unsigned seed) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);  // a deadlock ends as a failure
    Findings findings;
    Walker(seed, findings).walk(300);
    _exit(findings.clean() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status == 0;
}

START_TEST(allocations_of_16_threads_lie_in_our_chunks) {
  Findings findings;
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 16; ++seed)
    threads.emplace_back(
        [seed, &findings] { Walker(seed, findings).walk(1500); });
  int bad_children = 0;
  for (unsigned seed = 100; seed < 108; ++seed)
    if (!forked_child_walks(seed)) ++bad_children;
  for (std::thread& thread : threads) thread.join();

  ck_assert_int_ge(findings.checked, 16 * 1500);
  ck_assert_int_eq(findings.outside, 0);
  ck_assert_int_eq(findings.changed, 0);
  ck_assert_int_eq(findings.not_zero, 0);
  ck_assert_int_eq(bad_children, 0);
}
END_TEST

START_TEST(chunks_are_whole_2_mib_pages) {
  void* block = malloc(9 * kMiB);
  ck_assert_ptr_nonnull(block);
  std::size_t total = 0;
  HeapLock lock;
  for (PageRange run = heap_state.chunks.next_run(0); !run.empty();
       run = heap_state.chunks.next_run(run.end())) {
    ck_assert_uint_eq(run.begin() % gmem::kPageSize, 0);
    ck_assert_uint_eq(run.size() % gmem::kPageSize, 0);
    total += run.size();
  }
  ck_assert_uint_eq(total, gmem::stats.chunk_bytes.get());
}
END_TEST

START_TEST(jemallocs_own_bookkeeping_comes_from_our_chunks) {
  ck_assert_uint_gt(gmem::stats.metadata_bytes.get(), 0);
  std::size_t mapped = 0;
  std::size_t length = sizeof mapped;
  std::uint64_t epoch = 1;
  gmem_je_mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  ck_assert_int_eq(
      gmem_je_mallctl("stats.mapped", &mapped, &length, nullptr, 0), 0);
  ck_assert_uint_gt(mapped, 0);
  ck_assert_uint_le(mapped, gmem::stats.chunk_bytes.get());
}
END_TEST

// Frees and purges until jemalloc has handed every dirty page back.
void purge_all_arenas() {
  char name[40];
  snprintf(name, sizeof name, "arena.%d.purge", MALLCTL_ARENAS_ALL);
  gmem_je_mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  ck_assert_int_eq(gmem_je_mallctl(name, nullptr, nullptr, nullptr, 0), 0);
}

START_TEST(whole_pages_go_back_and_come_again_as_zero) {
  constexpr std::size_t kBlock = 40000;
  constexpr std::size_t kCount = 3000;
  std::vector<unsigned char*> blocks;
  const std::uint64_t returned_before = gmem::stats.purged_bytes.get();
  for (int round = 0; round < 4; ++round) {
    for (std::size_t i = 0; i < kCount; ++i) {
      auto* block = static_cast<unsigned char*>(calloc(1, kBlock));
      ck_assert_ptr_nonnull(block);
      ck_assert(std::all_of(block, block + kBlock,
                            [](unsigned char b) { return b == 0; }));
      memset(block, 0xa5, kBlock);
      blocks.push_back(block);
    }
    // A part stays, at other places each round, so that pages go back whole,
    // in part, and not at all.
    std::mt19937 random(static_cast<unsigned>(round));
    std::shuffle(blocks.begin(), blocks.end(), random);
    const std::size_t kept = round == 3 ? 0 : 100;
    while (blocks.size() > kept) {
      free(blocks.back());
      blocks.pop_back();
    }
    purge_all_arenas();
  }
  const std::uint64_t returned =
      gmem::stats.purged_bytes.get() - returned_before;
  // Nearly all of the last round, which kept nothing, at the least.
  ck_assert_uint_ge(returned, kCount * kBlock / 2);
}
END_TEST

// From now on the kernel gives no address that is wished for.  Where there are no
// filters, under emulators, it does not anyway.
void refuse_wishes() {
  const sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[3])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_FIXED_NOREPLACE, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EEXIST),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {std::size(filter),
                              const_cast<sock_filter*>(filter)};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

START_TEST(what_is_mapped_ahead_may_lie_elsewhere) {
  gmem::heap::ChunkSource source(gmem::heap::ChunkSource::Use::kMetadata);
  refuse_wishes();
  HeapLock lock;
  for (std::size_t ahead = 2 * kMiB; ahead <= 64 * kMiB; ahead += 2 * kMiB) {
    ck_assert(source.map_ahead(ahead, heap_state.chunks));
    ck_assert(source.has_room_for(ahead, 1));
    const std::uintptr_t part =
        source.allocate(ahead / 2, 1, 0, heap_state.chunks);
    ck_assert_uint_ne(part, 0);
    memset(reinterpret_cast<void*>(part), 1, ahead / 2);
  }
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("extent hooks");
  TCase* group = tcase_create("extent hooks");
  tcase_set_timeout(group, 240);
  tcase_add_test(group, allocations_of_16_threads_lie_in_our_chunks);
  tcase_add_test(group, chunks_are_whole_2_mib_pages);
  tcase_add_test(group, jemallocs_own_bookkeeping_comes_from_our_chunks);
  tcase_add_test(group, whole_pages_go_back_and_come_again_as_zero);
  tcase_add_test(group, what_is_mapped_ahead_may_lie_elsewhere);
  suite_add_tcase(suite, group);
  return suite;
}
