// SPDX-License-Identifier: MulanPSL-2.0
#include <errno.h>
#include <sys/mman.h>

#include <array>

#include "contract/contract.h"
#include "contract/memory.h"

namespace contract {
namespace {

using gmem::ByteRange;
using gmem::Device;
using gmem::Hnid;
using gmem::StreamHandle;
using gmem::Task;

Task prefetch_of(Device& device, const ByteRange& range) {
  return {Task::Kind::kPrefetch, node_of(device), range};
}
Task discard_of(const ByteRange& range) {
  return {Task::Kind::kDiscard, Hnid::kAny, range};
}

StreamHandle new_stream(Device& device) {
  StreamHandle stream = nullptr;
  ck_assert_int_eq(device.stream_create(&stream), 0);
  ck_assert_ptr_nonnull(stream);
  ck_assert(device.is_live_stream(stream));
  return stream;
}

START_TEST(tasks_are_carried_out_in_order) {
  Device& device = usable_device(_i);
  const StreamHandle stream = new_stream(device);
  const Area area(2);
  for (int i = 0; i < 50; ++i) {
    ck_assert_int_eq(device.enqueue(stream, prefetch_of(device, area.all())),
                     0);
    ck_assert_int_eq(device.enqueue(stream, discard_of(area.all())), 0);
  }
  ck_assert_int_eq(device.stream_synchronize(stream), 0);
  ck_assert_uint_eq(present_bytes(area.all()), 0);
  ck_assert_int_eq(device.enqueue(stream, prefetch_of(device, area.all())), 0);
  ck_assert_int_eq(device.stream_synchronize(stream), 0);
  ck_assert_uint_eq(present_bytes(area.all()), area.size());
  ck_assert_int_eq(device.stream_destroy(stream), 0);
}
END_TEST

START_TEST(the_first_error_is_kept_until_it_is_asked_for) {
  Device& device = usable_device(_i);
  const StreamHandle stream = new_stream(device);
  const Area area(3);
  mprotect(area.data(), kPage, PROT_NONE);
  munmap(area.data(kPage), kPage);
  const ByteRange refused = area.bytes(0, kPage);
  const ByteRange unmapped = area.bytes(kPage, kPage);
  ck_assert_int_eq(
      device.enqueue(stream, prefetch_of(device, area.bytes(2 * kPage, 1))), 0);
  ck_assert_int_eq(device.enqueue(stream, prefetch_of(device, refused)), 0);
  ck_assert_int_eq(device.enqueue(stream, discard_of(unmapped)), 0);
  ck_assert_int_eq(device.stream_synchronize(stream), -EACCES);
  ck_assert_int_eq(device.stream_synchronize(stream), 0);
  ck_assert_int_eq(device.enqueue(stream, discard_of(unmapped)), 0);
  ck_assert_int_eq(device.stream_destroy(stream), -ENOMEM);
  ck_assert_uint_eq(present_bytes(area.bytes(2 * kPage, kPage)), kPage);
}
END_TEST

START_TEST(destroying_carries_out_what_is_queued) {
  Device& device = usable_device(_i);
  const StreamHandle stream = new_stream(device);
  const Area area(8);
  for (std::size_t page = 0; page < 8; ++page)
    ck_assert_int_eq(
        device.enqueue(stream,
                       prefetch_of(device, area.bytes(page * kPage, 1))),
        0);
  ck_assert_int_eq(device.stream_destroy(stream), 0);
  ck_assert_uint_eq(present_bytes(area.all()), area.size());
}
END_TEST

START_TEST(handles_that_are_not_live_are_refused) {
  Device& device = usable_device(_i);
  const StreamHandle destroyed = new_stream(device);
  ck_assert_int_eq(device.stream_destroy(destroyed), 0);
  int never = 0;
  const Area area(1);
  const Area unreadable(1, PROT_NONE);
  for (const StreamHandle stream :
       {destroyed, static_cast<StreamHandle>(&never),
        static_cast<StreamHandle>(unreadable.data()),
        reinterpret_cast<StreamHandle>(UINTPTR_MAX)}) {
    ck_assert(!device.is_live_stream(stream));
    ck_assert_int_eq(device.enqueue(stream, prefetch_of(device, area.all())),
                     -EINVAL);
    ck_assert_int_eq(device.stream_synchronize(stream), -EINVAL);
    ck_assert_int_eq(device.stream_destroy(stream), -EINVAL);
  }
  ck_assert_uint_eq(present_bytes(area.all()), 0);
}
END_TEST

}  // namespace

TCase* stream_tests() {
  TCase* group = tcase_create("streams");
  for (const TTest* test : std::array{
           tasks_are_carried_out_in_order,
           the_first_error_is_kept_until_it_is_asked_for,
           destroying_carries_out_what_is_queued,
           handles_that_are_not_live_are_refused,
       })
    add_test(group, test);
  return group;
}

}  // namespace contract
