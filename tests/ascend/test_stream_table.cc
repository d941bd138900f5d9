// SPDX-License-Identifier: MulanPSL-2.0
// The table of streams and of the tasks that the runtime is yet to call for.
#include <errno.h>
#include <sys/resource.h>

#include <array>
#include <set>
#include <vector>

#include "ascend/stream_table.h"
#include "support/check_main.h"

namespace {

using gmem::StreamHandle;
using gmem::ascend::PendingTask;
using gmem::ascend::Stream;
using gmem::ascend::StreamTable;
using gmem::ascend::Ticket;

StreamTable table;

// Never looked behind.
StreamHandle handle(std::uintptr_t number) {
  return reinterpret_cast<StreamHandle>(number << 4);
}

gmem::Task task(std::size_t page) {
  return {gmem::Task::Kind::kDiscard, gmem::Hnid::kAny,
          *gmem::ByteRange::from(page * gmem::kPageSize, gmem::kPageSize)};
}

Ticket add(Stream& stream, std::size_t page) {
  const PendingTask* const added = table.add_task(stream, task(page));
  ck_assert_ptr_nonnull(added);
  return StreamTable::ticket_of(*added);
}

std::size_t stream_count() {
  std::size_t count = 0;
  table.for_each_stream([&](Stream&) { ++count; });
  return count;
}

START_TEST(a_stream_is_found_by_its_handle) {
  ck_assert_ptr_null(table.find(handle(1)));
  Stream* const stream = table.obtain(handle(1));
  ck_assert_ptr_eq(stream->handle, handle(1));
  ck_assert_ptr_eq(table.find(handle(1)), stream);
  ck_assert_ptr_eq(table.obtain(handle(1)), stream);
  table.remove(*stream);
  ck_assert_ptr_null(table.find(handle(1)));
}
END_TEST

// More than there are hashes, so that many share one.
START_TEST(streams_of_one_hash_are_told_apart) {
  constexpr std::uintptr_t kMany = 4000;
  for (std::uintptr_t i = 0; i < kMany; ++i)
    ck_assert_ptr_nonnull(table.obtain(handle(1 + i)));
  for (std::uintptr_t i = 0; i < kMany; i += 3)
    table.remove(*table.find(handle(1 + i)));
  for (std::uintptr_t i = 0; i < kMany; ++i) {
    const Stream* const stream = table.find(handle(1 + i));
    ck_assert_int_eq(stream == nullptr, i % 3 == 0);
    ck_assert(stream == nullptr || stream->handle == handle(1 + i));
  }
}
END_TEST

START_TEST(a_stream_obtained_anew_has_nothing_of_the_old) {
  Stream* const stream = table.obtain(handle(1));
  stream->ours = true;
  stream->first_error = -EIO;
  add(*stream, 0);
  table.remove(*stream);
  const Stream* const again = table.obtain(handle(1));
  ck_assert(!again->ours);
  ck_assert_int_eq(again->first_error, 0);
  ck_assert_ptr_null(again->tasks);
}
END_TEST

START_TEST(only_what_is_idle_is_released) {
  Stream* const ours = table.obtain(handle(1));
  ours->ours = true;
  Stream* const failed = table.obtain(handle(2));
  failed->first_error = -EIO;
  Stream* const busy = table.obtain(handle(3));
  const Ticket ticket = add(*busy, 0);
  for (Stream* stream : {ours, failed, busy, table.obtain(handle(4))})
    table.release_if_idle(*stream);
  ck_assert_uint_eq(stream_count(), 3);
  ck_assert_ptr_null(table.find(handle(4)));
  failed->first_error = 0;
  table.release_if_idle(*failed);
  table.remove_task(*table.find_task(ticket));
  table.release_if_idle(*busy);
  ck_assert_uint_eq(stream_count(), 1);
}
END_TEST

START_TEST(there_is_an_end_to_streams) {
  for (std::uintptr_t i = 0; i < StreamTable::kMostStreams; ++i)
    table.obtain(handle(1 + i))->ours = true;
  ck_assert_ptr_null(table.obtain(handle(5000)));
  ck_assert_uint_eq(stream_count(), StreamTable::kMostStreams);
  table.remove(*table.find(handle(7)));
  ck_assert_ptr_nonnull(table.obtain(handle(5000)));
}
END_TEST

START_TEST(errors_make_room_where_there_is_none) {
  for (std::uintptr_t i = 0; i < StreamTable::kMostStreams; ++i)
    table.obtain(handle(1 + i))->ours = true;
  Stream* const failed = table.find(handle(7));
  failed->ours = false;
  failed->first_error = -EIO;
  Stream* const busy = table.find(handle(3));
  busy->ours = false;
  add(*busy, 0);
  ck_assert_ptr_nonnull(table.obtain(handle(5000)));
  ck_assert_ptr_null(table.find(handle(7)));
  table.find(handle(5000))->ours = true;
  ck_assert_ptr_null(table.obtain(handle(5001)));
  ck_assert_ptr_eq(table.find(handle(3)), busy);
}
END_TEST

START_TEST(a_ticket_leads_to_its_task) {
  Stream& stream = *table.obtain(handle(1));
  std::vector<Ticket> tickets;
  constexpr std::size_t kMany = 3000;  // of several segments
  for (std::size_t page = 0; page < kMany; ++page)
    tickets.push_back(add(stream, page));
  ck_assert_uint_eq(std::set<Ticket>(tickets.begin(), tickets.end()).size(),
                    kMany);
  for (std::size_t page = 0; page < kMany; ++page) {
    ck_assert_ptr_nonnull(tickets[page]);
    const PendingTask* const found = table.find_task(tickets[page]);
    ck_assert_ptr_nonnull(found);
    ck_assert_ptr_eq(found->stream, &stream);
    ck_assert_uint_eq(found->task.range.begin(), page * gmem::kPageSize);
  }
}
END_TEST

START_TEST(a_ticket_goes_stale_with_its_task) {
  Stream& stream = *table.obtain(handle(1));
  std::set<Ticket> stale;
  for (int i = 0; i < 1000; ++i) {
    const Ticket ticket = add(stream, 0);
    // Also where the task has the place of the last one.
    ck_assert(stale.insert(ticket).second);
    table.remove_task(*table.find_task(ticket));
    for (const Ticket old : stale) ck_assert_ptr_null(table.find_task(old));
  }
  const Ticket live = add(stream, 1);
  for (const Ticket old : stale) ck_assert_ptr_null(table.find_task(old));
  ck_assert_ptr_nonnull(table.find_task(live));
}
END_TEST

START_TEST(invented_tickets_lead_nowhere) {
  ck_assert_ptr_null(table.find_task(nullptr));
  const Ticket ticket = add(*table.obtain(handle(1)), 0);
  const auto bits = reinterpret_cast<std::uintptr_t>(ticket);
  constexpr std::uintptr_t kOneGeneration = std::uintptr_t{1} << 32;
  for (const std::uintptr_t wild :
       {std::uintptr_t{0}, bits + kOneGeneration, bits - kOneGeneration,
        bits + 1, bits + 1024, bits | UINT32_MAX, UINTPTR_MAX})
    ck_assert_ptr_null(table.find_task(reinterpret_cast<Ticket>(wild)));
  ck_assert_ptr_nonnull(table.find_task(ticket));
}
END_TEST

START_TEST(tasks_go_in_any_order) {
  Stream& stream = *table.obtain(handle(1));
  const std::array tickets = {add(stream, 0), add(stream, 1), add(stream, 2),
                              add(stream, 3)};
  // One from within, the last and the first.
  for (const std::size_t page : {1, 3, 0})
    table.remove_task(*table.find_task(tickets[page]));
  ck_assert_ptr_eq(stream.tasks, table.find_task(tickets[2]));
  ck_assert_ptr_null(stream.tasks->next);
  ck_assert_ptr_null(stream.tasks->previous);
  table.remove_task(*stream.tasks);
  ck_assert_ptr_null(stream.tasks);
}
END_TEST

START_TEST(tasks_go_with_their_stream_alone) {
  Stream& stream = *table.obtain(handle(1));
  Stream& other = *table.obtain(handle(2));
  const std::array tickets = {add(stream, 0), add(stream, 1), add(stream, 2)};
  const Ticket stays = add(other, 3);
  table.remove(stream);
  for (const Ticket ticket : tickets)
    ck_assert_ptr_null(table.find_task(ticket));
  ck_assert_ptr_eq(table.find_task(stays)->stream, &other);
}
END_TEST

START_TEST(numbers_rise_in_the_order_in_which_they_are_given) {
  Stream& stream = *table.obtain(handle(1));
  PendingTask* const first = table.add_task(stream, task(0));
  PendingTask* const second = table.add_task(stream, task(1));
  ck_assert_uint_eq(first->number, 0);
  const std::uint64_t before = table.last_number();
  table.number_task(*second);
  ck_assert_uint_gt(second->number, before);
  ck_assert_uint_eq(table.last_number(), second->number);
  table.number_task(*first);
  ck_assert_uint_gt(first->number, second->number);
  // A task in the place of another has none of its own yet.
  table.remove_task(*first);
  ck_assert_uint_eq(table.add_task(stream, task(2))->number, 0);
}
END_TEST

// As many as are pending at a time, whatever the number of rounds.
START_TEST(the_memory_of_tasks_is_used_again) {
  Stream& stream = *table.obtain(handle(1));
  std::set<const PendingTask*> places;
  for (int round = 0; round < 100; ++round) {
    for (std::size_t page = 0; page < 2000; ++page)
      places.insert(table.add_task(stream, task(page)));
    while (stream.tasks != nullptr) table.remove_task(*stream.tasks);
  }
  ck_assert_uint_eq(places.size(), 2000);
}
END_TEST

START_TEST(no_memory_is_no_task) {
  Stream& stream = *table.obtain(handle(1));
  const Ticket first = add(stream, 0);
  rlimit found = {};
  getrlimit(RLIMIT_AS, &found);
  const rlimit none = {0, found.rlim_max};
  setrlimit(RLIMIT_AS, &none);
  errno = ERANGE;
  std::size_t count = 1;
  while (count < 100000 && table.add_task(stream, task(0)) != nullptr) ++count;
  const int error = errno;
  setrlimit(RLIMIT_AS, &found);
  ck_assert_uint_lt(count, 100000);
  ck_assert_int_eq(error, ERANGE);
  ck_assert_ptr_nonnull(table.find_task(first));
  ck_assert_ptr_nonnull(table.find_task(add(stream, 1)));
}
END_TEST

START_TEST(a_child_starts_anew) {
  Stream* const ours = table.obtain(handle(1));
  ours->ours = true;
  const Ticket ticket = add(*ours, 0);
  table.obtain(handle(2))->first_error = -EIO;
  pthread_mutex_lock(&table.mutex());
  table.reset_in_child();
  ck_assert_int_eq(pthread_mutex_trylock(&table.mutex()), 0);
  ck_assert_uint_eq(stream_count(), 0);
  ck_assert_ptr_null(table.find_task(ticket));
  ck_assert_ptr_nonnull(table.find_task(add(*table.obtain(handle(1)), 0)));
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("ascend stream table");
  TCase* streams = tcase_create("streams");
  for (const TTest* test : std::array{
           a_stream_is_found_by_its_handle,
           streams_of_one_hash_are_told_apart,
           a_stream_obtained_anew_has_nothing_of_the_old,
           only_what_is_idle_is_released,
           there_is_an_end_to_streams,
           errors_make_room_where_there_is_none,
           a_child_starts_anew,
       })
    tcase_add_test(streams, test);
  suite_add_tcase(suite, streams);
  TCase* tasks = tcase_create("tasks");
  for (const TTest* test : std::array{
           a_ticket_leads_to_its_task,
           a_ticket_goes_stale_with_its_task,
           invented_tickets_lead_nowhere,
           tasks_go_in_any_order,
           tasks_go_with_their_stream_alone,
           numbers_rise_in_the_order_in_which_they_are_given,
           the_memory_of_tasks_is_used_again,
           no_memory_is_no_task,
       })
    tcase_add_test(tasks, test);
  suite_add_tcase(suite, tasks);
  return suite;
}
