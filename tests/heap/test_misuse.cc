// SPDX-License-Identifier: MulanPSL-2.0
// Each misuse of the heap, in a child of its own: one line that names the
// pointer, and SIGABRT.  The child is this program anew, as conf is read once.
#include <fcntl.h>
#include <gmem_jemalloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "support/capture_stderr.h"
#include "support/check_main.h"

extern "C" void free_sized(void* pointer, std::size_t size);
extern "C" void free_aligned_sized(void* pointer, std::size_t alignment,
                                   std::size_t size);

namespace {

constexpr std::size_t kSizes[] = {16, 32, 4096, 16384, 4 << 20};
constexpr std::size_t kLarge = 16384;  // From here on blocks have no slab.

// Out of the compiler's sight, which knows what free may be given.
void (*volatile release)(void* pointer) = free;
void* hidden(void* pointer) {
  void* volatile kept = pointer;
  return kept;
}

void tell(void* pointer) { dprintf(STDOUT_FILENO, "%p", pointer); }

void free_wrong(void* pointer) {
  tell(pointer);
  release(hidden(pointer));
}

char in_static[64];

void free_on_stack(std::size_t) {
  alignas(16) char here[64];
  free_wrong(here);
}
void free_static(std::size_t) { free_wrong(in_static + 16); }
void free_mapped(std::size_t) {
  free_wrong(mmap(nullptr, 65536, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}
void free_never_mapped(std::size_t) {
  free_wrong(reinterpret_cast<void*>(std::uintptr_t{0x123456780000}));
}
void free_beyond_all(std::size_t) {
  void* const block = malloc(16);
  free_wrong(reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(block) |
                                     std::uintptr_t{1} << 63));
}
void free_inside(std::size_t size) {
  free_wrong(static_cast<char*>(malloc(size)) + size / 2);
}
void free_last_page(std::size_t size) {
  free_wrong(static_cast<char*>(malloc(size)) + size - 4096);
}
void free_twice(std::size_t size) {
  void* const block = hidden(malloc(size));
  release(block);
  free_wrong(block);
}
void free_others_between(std::size_t size) {
  std::vector<void*> blocks(size >= 1 << 20 ? 1 : 12);
  void* const first = hidden(malloc(size));
  for (void*& block : blocks) block = malloc(16);
  release(first);
  for (void* block : blocks) release(block);
  free_wrong(first);
}
void free_twice_after_flush(std::size_t size) {
  std::vector<void*> blocks(3000);
  for (void*& block : blocks) block = malloc(size);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (i % 50 != 0) release(blocks[i]);
  free_wrong(blocks[101]);
}
void free_in_two_threads(std::size_t size) {
  void* const block = hidden(malloc(size));
  std::thread([block] { release(block); }).join();
  free_wrong(block);
}
void flush() {
  gmem_je_mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
}
// Both threads live on, and so keep the block; the neighbour keeps its slab.
void free_in_two_caches(std::size_t size) {
  void* const neighbour = hidden(malloc(size));
  void* const block = hidden(malloc(size));
  tell(block);
  pthread_barrier_t next;
  pthread_barrier_init(&next, nullptr, 2);
  std::thread other([&] {
    release(block);
    pthread_barrier_wait(&next);
    pthread_barrier_wait(&next);
    flush();
    pthread_barrier_wait(&next);
  });
  pthread_barrier_wait(&next);
  release(hidden(block));
  pthread_barrier_wait(&next);
  pthread_barrier_wait(&next);
  flush();
  other.join();
  release(neighbour);
}
void free_wrong_size(std::size_t size) {
  void* const block = hidden(malloc(size));
  tell(block);
  free_sized(block, size * 2);
}
void realloc_foreign(std::size_t) {
  tell(in_static + 16);
  release(realloc(hidden(in_static + 16), 100));
}
void usable_size_foreign(std::size_t) {
  tell(in_static + 16);
  if (gmem_je_malloc_usable_size(hidden(in_static + 16)) != 0) _exit(3);
}
void dalloc_foreign(std::size_t) {
  tell(in_static + 16);
  gmem_je_dallocx(hidden(in_static + 16), MALLOCX_TCACHE_NONE);
}

// A block may begin with just what a freed one is marked with: the block was
// freed, and comes again as it was.
void use_rightly(std::size_t size) {
  for (int round = 0; round < 1000; ++round) {
    void* blocks[20];
    for (void*& block : blocks) block = malloc(size);
    for (void* block : blocks) free(block);
  }
  void* block = malloc(size);
  block = realloc(block, size * 3);
  block = realloc(block, size);
  free_sized(block, size);
  free(aligned_alloc(4096, size));
  free_aligned_sized(aligned_alloc(64, 0), 64, 0);
  void* const other = malloc(size);
  std::thread([other] { free(other); }).join();
  _exit(gmem_je_malloc_usable_size(malloc(size)) >= size ? 0 : 1);
}

// A freed block's mark is there for whoever gets the block next.  With what the
// kernel left at AT_RANDOM it has nothing to do: glibc's guards are made of that.
void read_the_mark(std::size_t size) {
  std::uintptr_t random[2];
  memcpy(random, reinterpret_cast<void*>(getauxval(AT_RANDOM)), sizeof random);
  void* const freed = hidden(malloc(size));
  free(freed);
  auto* const block = static_cast<std::uintptr_t*>(hidden(malloc(size)));
  if (block != freed) _exit(2);
  const std::uintptr_t marks[] = {
      *block, *block ^ reinterpret_cast<std::uintptr_t>(block)};
  for (const std::uintptr_t mark : marks)
    for (const std::uintptr_t word : random)
      if (mark >> 8 == word >> 8) _exit(3);
  _exit(marks[0] != 0 ? 0 : 4);
}

struct Case {
  const char* name;
  void (*body)(std::size_t size);
};
constexpr Case kCases[] = {
    {"stack", free_on_stack},
    {"static", free_static},
    {"mapped", free_mapped},
    {"never_mapped", free_never_mapped},
    {"beyond_all", free_beyond_all},
    {"inside", free_inside},
    {"last_page", free_last_page},
    {"twice", free_twice},
    {"others_between", free_others_between},
    {"twice_after_flush", free_twice_after_flush},
    {"two_threads", free_in_two_threads},
    {"two_caches", free_in_two_caches},
    {"wrong_size", free_wrong_size},
    {"realloc", realloc_foreign},
    {"usable_size", usable_size_foreign},
    {"dalloc", dalloc_foreign},
    {"right", use_rightly},
    {"mark", read_the_mark},
};

// In the program started anew: the case of the environment, and no tests.
[[gnu::constructor]] void run_the_case() {
  const char* const name = getenv("MISUSE_CASE");
  if (name == nullptr) return;
  alarm(20);
  for (const Case& known : kCases)
    if (strcmp(name, known.name) == 0)
      known.body(strtoul(getenv("MISUSE_SIZE"), nullptr, 10));
  _exit(2);
}

struct Outcome {
  int status = 0;
  std::string pointer;
  std::string said;
};

Outcome outcome_of(const char* conf, const char* name, std::size_t size) {
  Outcome outcome;
  int ends[2];
  ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
  outcome.said = stderr_of([&] {
    const pid_t child = fork();
    if (child == 0) {
      dup2(ends[1], STDOUT_FILENO);
      setenv("GMEM_CONF", conf, 1);
      setenv("MISUSE_CASE", name, 1);
      setenv("MISUSE_SIZE", std::to_string(size).c_str(), 1);
      execl("/proc/self/exe", "test_misuse", static_cast<char*>(nullptr));
      _exit(127);
    }
    ck_assert_int_eq(waitpid(child, &outcome.status, 0), child);
  });
  close(ends[1]);
  char text[64];
  const ssize_t got = read(ends[0], text, sizeof text);
  close(ends[0]);
  if (got > 0) outcome.pointer.assign(text, static_cast<std::size_t>(got));
  return outcome;
}

void assert_caught(const char* conf, const char* name, std::size_t size,
                   const std::string& call, const std::string& what) {
  const Outcome outcome = outcome_of(conf, name, size);
  const std::string line =
      "libgmem: " + call + "(" + outcome.pointer + what + "\n";
  ck_assert_msg(outcome.said == line, "%s, %s of %zu: said \"%s\", not \"%s\"",
                conf, name, size, outcome.said.c_str(), line.c_str());
  ck_assert(WIFSIGNALED(outcome.status));
  ck_assert_int_eq(WTERMSIG(outcome.status), SIGABRT);
}

constexpr char kForeign[] = "): not a block of this heap";
constexpr char kTwice[] = "): freed twice";
constexpr const char* kBoth[] = {"check:off", "check:on"};

START_TEST(foreign_pointers_are_always_caught) {
  for (const char* conf : kBoth) {
    for (const char* name :
         {"stack", "static", "mapped", "never_mapped", "beyond_all"})
      assert_caught(conf, name, 0, "free", kForeign);
    assert_caught(conf, "dalloc", 0, "free", kForeign);
    assert_caught(conf, "realloc", 0, "realloc", kForeign);
    assert_caught(conf, "usable_size", 0, "malloc_usable_size", kForeign);
  }
}
END_TEST

START_TEST(misuse_of_large_blocks_is_always_caught) {
  for (const char* conf : kBoth)
    for (const std::size_t size : {kLarge, std::size_t{4} << 20}) {
      assert_caught(conf, "inside", size, "free", kForeign);
      assert_caught(conf, "last_page", size, "free", kForeign);
      assert_caught(conf, "twice", size, "free", kTwice);
      assert_caught(conf, "wrong_size", size, "free_sized",
                    ", " + std::to_string(size * 2) + "): the block has " +
                        std::to_string(size) + " bytes");
    }
}
END_TEST

START_TEST(checks_find_misuse_of_blocks_of_all_sizes_at_once) {
  for (const std::size_t size : kSizes) {
    assert_caught("check:on", "inside", size, "free", kForeign);
    assert_caught("check:on", "twice", size, "free", kTwice);
    assert_caught("check:on", "others_between", size, "free", kTwice);
    const std::string has = ", " + std::to_string(size * 2) +
                            "): the block has " + std::to_string(size) +
                            " bytes";
    assert_caught("check:on", "wrong_size", size, "free_sized", has);
  }
}
END_TEST

// What has left the caches, in slabs that are still in use: an emptied one's
// blocks are no blocks any more.
START_TEST(checks_find_what_another_thread_or_a_flush_took_back) {
  assert_caught("check:on", "two_threads", 16, "free", kTwice);
  assert_caught("check:on", "twice_after_flush", 16, "free", kTwice);
  assert_caught("check:on", "two_caches", 16, "free", kTwice);
}
END_TEST

START_TEST(right_use_is_silent) {
  for (const char* conf : kBoth)
    for (const std::size_t size : kSizes) {
      const Outcome outcome = outcome_of(conf, "right", size);
      ck_assert_str_eq(outcome.said.c_str(), "");
      ck_assert_int_eq(outcome.status, 0);
    }
}
END_TEST

START_TEST(a_mark_gives_no_secret_of_others_away) {
  for (const std::size_t size : {std::size_t{16}, std::size_t{40}})
    ck_assert_int_eq(outcome_of("check:on", "mark", size).status, 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("misuse");
  TCase* group = tcase_create("misuse");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, foreign_pointers_are_always_caught);
  tcase_add_test(group, misuse_of_large_blocks_is_always_caught);
  tcase_add_test(group, checks_find_misuse_of_blocks_of_all_sizes_at_once);
  tcase_add_test(group, checks_find_what_another_thread_or_a_flush_took_back);
  tcase_add_test(group, right_use_is_silent);
  tcase_add_test(group, a_mark_gives_no_secret_of_others_away);
  suite_add_tcase(suite, group);
  return suite;
}
