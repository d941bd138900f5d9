// SPDX-License-Identifier: MulanPSL-2.0
// The heap before any constructor and after main: in .preinit_array, in
// handlers of atexit and on_exit, in key destructors of every round.
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/check_main.h"
#include "support/child_process.h"

namespace {

// No constructor has run yet, this program's or a library's.
void* from_before_constructors = nullptr;
bool resized_before_constructors = false;

void allocate_before_constructors() {
  from_before_constructors = malloc(100);
  memset(from_before_constructors, 7, 100);
  void* const block = realloc(calloc(10, 10), 100000);
  resized_before_constructors = block != nullptr;
  free(block);
}

[[gnu::section(".preinit_array"),
  gnu::used]] void (*const preinit)() = allocate_before_constructors;

START_TEST(malloc_works_before_any_constructor) {
  ck_assert_ptr_nonnull(from_before_constructors);
  ck_assert(resized_before_constructors);
  const char* const bytes = static_cast<char*>(from_before_constructors);
  for (int i = 0; i < 100; ++i) ck_assert_int_eq(bytes[i], 7);
  from_before_constructors = realloc(from_before_constructors, 200);
  free(from_before_constructors);
}
END_TEST

char* kept = nullptr;
int handlers = 0;

void allocate_at_exit() {
  ++handlers;
  kept = static_cast<char*>(realloc(kept, static_cast<size_t>(handlers) << 16));
  if (kept == nullptr) _exit(2);
}

// The first to be registered is the last to run, and tells how many did.
void tell(int, void*) {
  free(kept);
  _exit(handlers == 20 ? 0 : 3);
}

START_TEST(exit_handlers_may_allocate_and_free) {
  const int status = run_in_child([] {
    on_exit(tell, nullptr);
    for (int i = 0; i < 10; ++i) {
      atexit(allocate_at_exit);
      on_exit([](int, void*) { allocate_at_exit(); }, nullptr);
    }
    exit(1);
    return 1;
  });
  ck_assert_int_eq(status, 0);
}
END_TEST

pthread_key_t key;
int rounds = 0;

void allocate_in_every_round(void* block) {
  ++rounds;
  free(block);
  pthread_setspecific(key, malloc(100));
}

void* set_key(void*) {
  pthread_setspecific(key, malloc(100));
  return nullptr;
}

START_TEST(key_destructors_of_every_round_may_allocate) {
  ck_assert_int_eq(pthread_key_create(&key, allocate_in_every_round), 0);
  for (int i = 0; i < 100; ++i) {
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, nullptr, set_key, nullptr), 0);
    pthread_join(thread, nullptr);
  }
  ck_assert_int_eq(rounds, 100 * PTHREAD_DESTRUCTOR_ITERATIONS);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("heap start and end");
  TCase* group = tcase_create("heap start and end");
  tcase_set_timeout(group, 60);
  tcase_add_test(group, malloc_works_before_any_constructor);
  tcase_add_test(group, exit_handlers_may_allocate_and_free);
  tcase_add_test(group, key_destructors_of_every_round_may_allocate);
  suite_add_tcase(suite, group);
  return suite;
}
