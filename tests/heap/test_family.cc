// SPDX-License-Identifier: MulanPSL-2.0
// Each member of the malloc family through the library as installed: what it
// returns, its alignment, and its errno where it fails.
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <initializer_list>
#include <vector>

#include "libgmem.h"
#include "support/check_main.h"
#include "support/resident_memory.h"

extern "C" {
void* pvalloc(size_t) noexcept;
void free_sized(void*, size_t) noexcept;
void free_aligned_sized(void*, size_t, size_t) noexcept;
void* __libc_malloc(size_t) noexcept;
void* __libc_calloc(size_t, size_t) noexcept;
void* __libc_realloc(void*, size_t) noexcept;
void __libc_free(void*) noexcept;
void* __libc_memalign(size_t, size_t) noexcept;
void* __libc_valloc(size_t) noexcept;
void* __libc_pvalloc(size_t) noexcept;
}

namespace {

// Sizes that the compiler cannot see through, as it would warn or fold.
volatile size_t too_large = SIZE_MAX - 4096;
volatile size_t half = SIZE_MAX / 2 + 2;
volatile size_t zero_size = 0;

bool aligned(const void* pointer, size_t alignment) {
  return reinterpret_cast<uintptr_t>(pointer) % alignment == 0;
}

START_TEST(every_member_is_the_librarys) {
  Dl_info ours{};
  ck_assert(dladdr(reinterpret_cast<void*>(&gmemVersion), &ours) != 0);
  for (const char* name : {"malloc",
                           "free",
                           "calloc",
                           "realloc",
                           "reallocarray",
                           "posix_memalign",
                           "aligned_alloc",
                           "memalign",
                           "valloc",
                           "pvalloc",
                           "malloc_usable_size",
                           "free_sized",
                           "free_aligned_sized",
                           "cfree",
                           "__libc_malloc",
                           "__libc_calloc",
                           "__libc_realloc",
                           "__libc_free",
                           "__libc_memalign",
                           "__libc_valloc",
                           "__libc_pvalloc",
                           "mallinfo",
                           "mallinfo2",
                           "malloc_trim",
                           "malloc_stats",
                           "malloc_info",
                           "mallopt"}) {
    Dl_info found{};
    void* const symbol = dlsym(RTLD_DEFAULT, name);
    ck_assert_msg(symbol != nullptr && dladdr(symbol, &found) != 0 &&
                      strcmp(found.dli_fname, ours.dli_fname) == 0,
                  "%s is not ours", name);
  }
}
END_TEST

// What each allocating member does with a size that cannot be had.
START_TEST(too_large_sizes_give_enomem) {
  void* const kept = malloc(100);
  memset(kept, 7, 100);
  const struct {
    const char* name;
    void* (*call)(void*);
  } members[] = {
      {"malloc", [](void*) { return malloc(too_large); }},
      {"calloc", [](void*) { return calloc(1, too_large); }},
      {"calloc wrapping", [](void*) { return calloc(half, 2); }},
      {"realloc", [](void* p) { return realloc(p, too_large); }},
      {"reallocarray", [](void* p) { return reallocarray(p, 1, too_large); }},
      {"reallocarray wrapping",
       [](void* p) { return reallocarray(p, half, 2); }},
      {"aligned_alloc", [](void*) { return aligned_alloc(64, too_large); }},
      {"memalign", [](void*) { return memalign(64, too_large); }},
      {"valloc", [](void*) { return valloc(too_large); }},
      {"pvalloc", [](void*) { return pvalloc(too_large); }},
      {"pvalloc wrapping", [](void*) { return pvalloc(too_large + 4095); }},
  };
  for (const auto& member : members) {
    errno = 0;
    ck_assert_msg(member.call(kept) == nullptr, "%s", member.name);
    ck_assert_msg(errno == ENOMEM, "%s: errno %d", member.name, errno);
  }
  // A failed realloc leaves the block as it was.
  for (int i = 0; i < 100; ++i)
    ck_assert_int_eq(static_cast<char*>(kept)[i], 7);
  free(kept);
}
END_TEST

// Whatever the device behind the heap was told on the way.
START_TEST(what_succeeds_leaves_errno) {
  errno = ERANGE;
  for (std::size_t size = 1; size < std::size_t{200} << 20;
       size = size * 3 + 1) {
    void* const block = malloc(size);
    void* const in_its_way = malloc(size);
    free(realloc(block, 2 * size));
    free(in_its_way);
    free(calloc(1, size));
    ck_assert_int_eq(errno, ERANGE);
  }
}
END_TEST

START_TEST(posix_memalign_returns_its_error_and_leaves_errno) {
  void* untouched = &untouched;
  void* pointer = untouched;
  errno = 0;
  ck_assert_int_eq(posix_memalign(&pointer, 64, too_large), ENOMEM);
  ck_assert_int_eq(posix_memalign(&pointer, 3, 10), EINVAL);
  ck_assert_int_eq(posix_memalign(&pointer, 4, 10), EINVAL);
  ck_assert_int_eq(posix_memalign(&pointer, zero_size, 10), EINVAL);
  ck_assert_ptr_eq(pointer, untouched);
  ck_assert_int_eq(errno, 0);
}
END_TEST

// glibc rounds up for memalign; for aligned_alloc it did until 2.38.
START_TEST(odd_alignments_are_treated_as_in_glibc) {
  void* const libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  ck_assert_ptr_nonnull(libc);
  using Aligned = void* (*)(size_t, size_t);
  for (const char* name : {"memalign", "aligned_alloc"}) {
    const auto ours = reinterpret_cast<Aligned>(dlsym(RTLD_DEFAULT, name));
    const auto theirs = reinterpret_cast<Aligned>(dlsym(libc, name));
    const auto free_theirs =
        reinterpret_cast<void (*)(void*)>(dlsym(libc, "free"));
    for (const size_t alignment :
         {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{24}, size_t{48},
          size_t{100}, size_t{4095}, size_t{5000}, SIZE_MAX / 2 + 2,
          SIZE_MAX}) {
      errno = 0;
      void* const expected = theirs(alignment, 100);
      const int expected_error = errno;
      errno = 0;
      void* const block = ours(alignment, 100);
      ck_assert_msg((block == nullptr) == (expected == nullptr) &&
                        errno == expected_error,
                    "%s(%zu): %p, errno %d", name, alignment, block, errno);
      size_t power = 16;
      while (block != nullptr && power < alignment) power *= 2;
      ck_assert(aligned(block, power));
      free(block);
      free_theirs(expected);
    }
  }
}
END_TEST

START_TEST(zero_sizes_give_blocks_of_their_own) {
  void* const blocks[] = {malloc(zero_size),       calloc(zero_size, 8),
                          calloc(8, zero_size),    realloc(nullptr, zero_size),
                          memalign(64, zero_size), aligned_alloc(64, zero_size),
                          valloc(zero_size),       pvalloc(zero_size)};
  for (void* const& block : blocks) {
    ck_assert_ptr_nonnull(block);
    for (void* const* other = blocks; other != &block; ++other)
      ck_assert_ptr_ne(block, *other);
  }
  for (void* block : blocks) free(block);
}
END_TEST

START_TEST(alignments_are_kept_up_to_4_gib) {
  for (size_t alignment = sizeof(void*); alignment <= size_t{4} << 30;
       alignment *= 2) {
    for (size_t size : {size_t{1}, size_t{100}, size_t{5000}, alignment}) {
      void* pointer = nullptr;
      ck_assert_int_eq(posix_memalign(&pointer, alignment, size), 0);
      ck_assert(aligned(pointer, alignment));
      ck_assert_uint_ge(malloc_usable_size(pointer), size);
      free(pointer);
      pointer = aligned_alloc(alignment, size);
      ck_assert(pointer != nullptr && aligned(pointer, alignment));
      free(pointer);
    }
  }
}
END_TEST

START_TEST(malloc_is_aligned_for_every_type) {
  std::vector<void*> blocks;  // all at a time: neighbours
  for (size_t size = 0; size < 70000; size += 1 + size / 8)
    for (int i = 0; i < 5; ++i) {
      blocks.push_back(malloc(size));
      blocks.push_back(calloc(1, size));
      blocks.push_back(realloc(nullptr, size));
      blocks.push_back(aligned_alloc(1, size));
    }
  for (void* block : blocks) {
    ck_assert(aligned(block, alignof(max_align_t)));
    free(block);
  }
}
END_TEST

// A wrapper's way to the C library's malloc, and an old program's free.
START_TEST(other_names_are_of_the_same_heap) {
  free(__libc_malloc(100));
  free(__libc_calloc(10, 10));
  free(__libc_realloc(malloc(10), 100000));
  free(__libc_memalign(64, 100));
  free(__libc_valloc(100));
  free(__libc_pvalloc(100));
  __libc_free(malloc(100));
  const auto old_free =
      reinterpret_cast<void (*)(void*)>(dlsym(RTLD_DEFAULT, "cfree"));
  old_free(malloc(100000));
  old_free(nullptr);
}
END_TEST

#if __GLIBC_PREREQ(2, 33)
START_TEST(the_reports_are_of_this_heap) {
  constexpr size_t kBytes = size_t{64} << 20;
  const auto before = mallinfo2();
  std::vector<void*> blocks(1);
  blocks[0] = malloc(kBytes);
  memset(blocks[0], 1, kBytes);
  const auto with = mallinfo2();
  ck_assert_uint_ge(with.uordblks, before.uordblks + kBytes);
  ck_assert_uint_ge(with.arena, with.uordblks);
  free(blocks[0]);
  ck_assert_uint_lt(mallinfo2().uordblks, with.uordblks - kBytes / 2);
}
END_TEST
#endif

START_TEST(malloc_trim_gives_back) {
  std::vector<char*> blocks(64);
  for (char*& block : blocks) {
    block = static_cast<char*>(malloc(1 << 20));
    memset(block, 1, 1 << 20);
  }
  const size_t full = resident_kib();
  for (char* block : blocks) free(block);
  ck_assert_int_eq(malloc_trim(0), 1);
  ck_assert_uint_lt(resident_kib(), full - 32 * 1024);
}
END_TEST

START_TEST(malloc_info_writes_xml_and_knows_no_options) {
  char* text = nullptr;
  size_t length = 0;
  FILE* const file = open_memstream(&text, &length);
  ck_assert_int_eq(malloc_info(1, file), EINVAL);
  ck_assert_int_eq(malloc_info(0, file), 0);
  fclose(file);
  ck_assert_ptr_eq(strstr(text, "<malloc version="), text);
  ck_assert_str_eq(text + length - strlen("</malloc>\n"), "</malloc>\n");
  free(text);
}
END_TEST

// The thread goes on after each of them, until it reaches a place of its own.
START_TEST(reports_are_no_place_to_cancel_at) {
  const auto report = [](void* reports) -> void* {
    pthread_cancel(pthread_self());
    malloc_stats();
    malloc_info(0, stderr);
    malloc_trim(0);
    *static_cast<bool*>(reports) = true;
    pthread_testcancel();
    return nullptr;
  };
  bool reported = false;
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, nullptr, report, &reported), 0);
  void* result = nullptr;
  ck_assert_int_eq(pthread_join(thread, &result), 0);
  ck_assert(reported);
  ck_assert_ptr_eq(result, PTHREAD_CANCELED);
}
END_TEST

START_TEST(mallopt_takes_what_glibc_takes) {
  for (const int known :
       {M_MXFAST, M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, M_MMAP_MAX,
        M_CHECK_ACTION, M_PERTURB, M_ARENA_TEST, M_ARENA_MAX})
    ck_assert_int_eq(mallopt(known, 64), 1);
  ck_assert_int_eq(mallopt(12345, 1), 0);
}
END_TEST

START_TEST(valloc_and_pvalloc_give_whole_pages) {
  const auto page = static_cast<size_t>(getpagesize());
  void* const one = valloc(10);
  ck_assert(aligned(one, page));
  free(one);
  void* const whole = pvalloc(page + 1);
  ck_assert(aligned(whole, page));
  ck_assert_uint_ge(malloc_usable_size(whole), 2 * page);
  free(whole);
}
END_TEST

START_TEST(realloc_keeps_contents_over_all_size_classes) {
  unsigned char* block = nullptr;
  size_t old_size = 0;
  for (size_t size = 1; size < size_t{64} << 20; size = size * 3 / 2 + 1) {
    block = static_cast<unsigned char*>(realloc(block, size));
    ck_assert_ptr_nonnull(block);
    for (size_t at = 0; at < old_size; at += old_size / 100 + 1)
      ck_assert_uint_eq(block[at], at % 251);
    for (size_t at = 0; at < size; ++at)
      block[at] = static_cast<unsigned char>(at % 251);
    old_size = size;
  }
  for (size_t size = old_size; size > 0; size /= 3) {
    block = static_cast<unsigned char*>(realloc(block, size));
    ck_assert_ptr_nonnull(block);
    for (size_t at = 0; at < size; at += size / 100 + 1)
      ck_assert_uint_eq(block[at], at % 251);
  }
  free(block);
}
END_TEST

START_TEST(free_leaves_errno_alone) {
  errno = 1234;
  for (size_t size = 1; size < size_t{256} << 20; size *= 4) {
    void* const pointer = malloc(size);
    ck_assert_ptr_nonnull(pointer);
    errno = 1234;
    free(pointer);
    ck_assert_int_eq(errno, 1234);
  }
  free(nullptr);
  ck_assert_int_eq(errno, 1234);
}
END_TEST

START_TEST(sized_frees_take_what_was_asked_for) {
  for (size_t size = 1; size < size_t{8} << 20; size = size * 2 + 1) {
    free_sized(malloc(size), size);
    free_sized(calloc(size, 1), size);
    for (size_t alignment = 16; alignment <= size_t{4} << 20; alignment *= 8)
      free_aligned_sized(aligned_alloc(alignment, size), alignment, size);
  }
  free_sized(nullptr, 10);
  free_aligned_sized(nullptr, 64, 10);
  void* const after = malloc(100);
  ck_assert_ptr_nonnull(after);
  free(after);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("malloc family");
  TCase* group = tcase_create("malloc family");
  tcase_set_timeout(group, 120);
  tcase_add_test(group, every_member_is_the_librarys);
  tcase_add_test(group, too_large_sizes_give_enomem);
  tcase_add_test(group, what_succeeds_leaves_errno);
  tcase_add_test(group, posix_memalign_returns_its_error_and_leaves_errno);
  tcase_add_test(group, odd_alignments_are_treated_as_in_glibc);
  tcase_add_test(group, zero_sizes_give_blocks_of_their_own);
  tcase_add_test(group, alignments_are_kept_up_to_4_gib);
  tcase_add_test(group, malloc_is_aligned_for_every_type);
  tcase_add_test(group, valloc_and_pvalloc_give_whole_pages);
  tcase_add_test(group, realloc_keeps_contents_over_all_size_classes);
  tcase_add_test(group, free_leaves_errno_alone);
  tcase_add_test(group, sized_frees_take_what_was_asked_for);
  tcase_add_test(group, other_names_are_of_the_same_heap);
#if __GLIBC_PREREQ(2, 33)
  tcase_add_test(group, the_reports_are_of_this_heap);
#endif
  tcase_add_test(group, malloc_trim_gives_back);
  tcase_add_test(group, malloc_info_writes_xml_and_knows_no_options);
  tcase_add_test(group, reports_are_no_place_to_cancel_at);
  tcase_add_test(group, mallopt_takes_what_glibc_takes);
  suite_add_tcase(suite, group);
  return suite;
}
