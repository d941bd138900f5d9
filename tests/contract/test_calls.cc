// SPDX-License-Identifier: MulanPSL-2.0
// The argument table of libgmem.h, row by row, through the exported calls:
// each row gives its documented error, and memory is as it was.
#include <errno.h>
#include <sys/mman.h>

#include <climits>
#include <string>
#include <vector>

#include "contract/calls_machine.h"
#include "contract/memory.h"
#include "libgmem.h"
#include "support/capture_stderr.h"
#include "support/check_main.h"

namespace {

using contract::Area;
using contract::fill;
using contract::is_filled;
using contract::kPage;
using contract::present_bytes;

// The memory that the rows speak of: page 0 filled, page 1 untouched, page 2
// unmapped, page 3 inaccessible, page 4 filled.
class Scene {
 public:
  Scene() {
    fill(area_.bytes(0, kPage));
    fill(area_.bytes(4 * kPage, kPage));
    munmap(area_.data(2 * kPage), kPage);
    mprotect(area_.data(3 * kPage), kPage, PROT_NONE);
    present_ = present_bytes(area_.all());
  }
  unsigned long at(std::size_t page) const {
    return area_.begin() + page * kPage;
  }
  void expect_unchanged(const char* row) const {
    ck_assert_msg(present_bytes(area_.all()) == present_, "%s", row);
    ck_assert_msg(is_filled(area_.bytes(0, kPage)), "%s", row);
    ck_assert_msg(is_filled(area_.bytes(4 * kPage, kPage)), "%s", row);
    size_t resident = 0;
    const int told =
        gmemGetResidentSize(at(0), 2 * kPage, GMEM_ANY_NODE, &resident);
    ck_assert_int_eq(told, contract::kTellsOfAnyNode);
    if (told == 0) ck_assert_msg(resident == kPage, "%s", row);
  }

 private:
  const Area area_{5};
  std::size_t present_ = 0;
};

enum class Stream { kNone, kLive, kDestroyed, kInvented, kWild };

struct Row {
  const char* name;
  enum Call { kPrefetch, kFree, kResident } call;
  unsigned long addr;
  size_t size;
  int hnid;
  Stream stream;
  int expected;
};

std::vector<Row> argument_table(const Scene& scene, int node) {
  constexpr int kBadNode = 1 << 20;
  constexpr auto kNone = Stream::kNone;
  const unsigned long top = ULONG_MAX;
  return {
      // What wraps is refused, whatever else is wrong, and even where the
      // whole pages inside would be none.
      {"prefetch: wraps", Row::kPrefetch, top, 2, node, kNone, -EINVAL},
      {"prefetch: all ones", Row::kPrefetch, top, SIZE_MAX, node, kNone,
       -EINVAL},
      {"prefetch: size wraps", Row::kPrefetch, scene.at(0), SIZE_MAX, node,
       kNone, -EINVAL},
      {"free: wraps", Row::kFree, top, 2, 0, kNone, -EINVAL},
      {"free: all ones", Row::kFree, top, SIZE_MAX, 0, kNone, -EINVAL},
      {"free: minus one", Row::kFree, scene.at(0), SIZE_MAX, 0, kNone, -EINVAL},
      {"resident: wraps", Row::kResident, top, 2, node, kNone, -EINVAL},

      // No such node, looked for before size 0 is answered.
      {"prefetch: node -1", Row::kPrefetch, scene.at(0), kPage, -1, kNone,
       -EINVAL},
      {"prefetch: node -2", Row::kPrefetch, scene.at(0), kPage, -2, kNone,
       -EINVAL},
      {"prefetch: INT_MIN", Row::kPrefetch, scene.at(0), kPage, INT_MIN, kNone,
       -EINVAL},
      {"prefetch: INT_MAX", Row::kPrefetch, scene.at(0), kPage, INT_MAX, kNone,
       -EINVAL},
      {"prefetch: no node", Row::kPrefetch, scene.at(1), kPage, kBadNode, kNone,
       -EINVAL},
      {"prefetch: no node, no bytes", Row::kPrefetch, scene.at(0), 0, kBadNode,
       kNone, -EINVAL},
      {"prefetch: no node, hole", Row::kPrefetch, scene.at(2), 1, kBadNode,
       kNone, -EINVAL},
      {"resident: no node", Row::kResident, scene.at(0), kPage, kBadNode, kNone,
       -EINVAL},
      {"resident: node -2", Row::kResident, scene.at(0), 0, -2, kNone, -EINVAL},

      // No such stream, looked for before size 0 and before empty page sets.
      {"prefetch: destroyed", Row::kPrefetch, scene.at(1), kPage, node,
       Stream::kDestroyed, -EINVAL},
      {"prefetch: invented", Row::kPrefetch, scene.at(1), kPage, node,
       Stream::kInvented, -EINVAL},
      {"prefetch: wild", Row::kPrefetch, scene.at(1), 0, node, Stream::kWild,
       -EINVAL},
      {"free: destroyed", Row::kFree, scene.at(0), kPage, 0, Stream::kDestroyed,
       -EINVAL},
      {"free: invented", Row::kFree, scene.at(0), 0, 0, Stream::kInvented,
       -EINVAL},
      {"free: wild, no page", Row::kFree, scene.at(0) + 1, kPage, 0,
       Stream::kWild, -EINVAL},

      // Nothing to do.
      {"prefetch: no bytes", Row::kPrefetch, scene.at(1), 0, node, kNone, 0},
      {"prefetch: no bytes in a hole", Row::kPrefetch, scene.at(2), 0, node,
       kNone, 0},
      {"prefetch: no bytes, queued", Row::kPrefetch, scene.at(1), 0, node,
       Stream::kLive, 0},
      {"prefetch: no bytes at the top", Row::kPrefetch, top, 0, node, kNone, 0},
      {"free: no bytes", Row::kFree, scene.at(0), 0, 0, kNone, 0},
      {"free: no whole page", Row::kFree, scene.at(0) + 1, 2 * kPage - 2, 0,
       kNone, 0},
      {"free: no whole page in a hole", Row::kFree, scene.at(2) + 1, kPage - 1,
       0, kNone, 0},
      {"free: no whole page, queued", Row::kFree, scene.at(0) + 1, kPage, 0,
       Stream::kLive, 0},
      {"free: no bytes at the top", Row::kFree, top, 0, 0, kNone, 0},
      {"resident: no bytes", Row::kResident, scene.at(2), 0, node, kNone, 0},

      // Memory that is not there, or out of reach.
      {"prefetch: hole", Row::kPrefetch, scene.at(2), 1, node, kNone, -ENOMEM},
      {"prefetch: into a hole", Row::kPrefetch, scene.at(1), kPage + 1, node,
       kNone, -ENOMEM},
      {"prefetch: page zero", Row::kPrefetch, 0, 1, node, kNone, -ENOMEM},
      {"prefetch: the top", Row::kPrefetch, top - 1, 1, node, kNone, -ENOMEM},
      {"prefetch: everything", Row::kPrefetch, 0, SIZE_MAX, node, kNone,
       -ENOMEM},
      {"prefetch: no access", Row::kPrefetch, scene.at(3), kPage, node, kNone,
       -EACCES},
      {"prefetch: no access beside data", Row::kPrefetch, scene.at(3),
       2 * kPage, node, kNone, -EACCES},
      {"free: hole", Row::kFree, scene.at(2), kPage, 0, kNone, -ENOMEM},
      {"free: into a hole", Row::kFree, scene.at(0), 3 * kPage, 0, kNone,
       -ENOMEM},
      {"free: out of a hole", Row::kFree, scene.at(2), 3 * kPage, 0, kNone,
       -ENOMEM},
      {"free: everything", Row::kFree, 0, SIZE_MAX, 0, kNone, -ENOMEM},
      {"resident: hole", Row::kResident, scene.at(1), kPage + 1, node, kNone,
       -ENOMEM},
  };
}

int carry_out(const Row& row, void* stream) {
  size_t resident = 0;
  switch (row.call) {
    case Row::kPrefetch:
      return gmemPrefetch(row.addr, row.size, row.hnid, stream);
    case Row::kFree:
      return gmemFreeEager(row.addr, row.size, stream);
    case Row::kResident:
      return gmemGetResidentSize(row.addr, row.size, row.hnid, &resident);
  }
  return 0;
}

START_TEST(each_row_has_its_error_and_memory_is_unchanged) {
  const Scene scene;
  const int node = gmemGetNumaId();
  ck_assert_int_ge(node, 0);
  void* live = nullptr;
  void* destroyed = nullptr;
  ck_assert_int_eq(gmemStreamCreate(&live), 0);
  ck_assert_int_eq(gmemStreamCreate(&destroyed), 0);
  ck_assert_int_eq(gmemStreamDestroy(destroyed), 0);
  int invented = 0;
  const auto handle = [&](Stream stream) -> void* {
    switch (stream) {
      case Stream::kNone:
        return nullptr;
      case Stream::kLive:
        return live;
      case Stream::kDestroyed:
        return destroyed;
      case Stream::kInvented:
        return &invented;
      case Stream::kWild:
        return reinterpret_cast<void*>(UINTPTR_MAX);
    }
    return nullptr;
  };

  const std::string said = stderr_of([&] {
    for (const Row& row : argument_table(scene, node)) {
      errno = ERANGE;
      const int got = carry_out(row, handle(row.stream));
      ck_assert_msg(got == row.expected, "%s: %d, not %d", row.name, got,
                    row.expected);
      ck_assert_msg(errno == ERANGE, "%s: errno is %d", row.name, errno);
      scene.expect_unchanged(row.name);
    }
  });
  ck_assert_str_eq(said.c_str(), "");
  ck_assert_int_eq(gmemStreamSynchronize(live), 0);
  ck_assert_int_eq(gmemStreamDestroy(live), 0);
}
END_TEST

// Where masks and tables of nodes end.
START_TEST(numbers_at_the_edge_are_no_nodes) {
  const Area area(1);
  for (const int node :
       {1000, 1023, 1024, 1025, 1087, 1088, INT_MAX, INT_MIN, INT_MIN + 1}) {
    size_t resident = 0;
    ck_assert_int_eq(gmemPrefetch(area.begin(), kPage, node, nullptr), -EINVAL);
    ck_assert_int_eq(gmemGetResidentSize(area.begin(), kPage, node, &resident),
                     -EINVAL);
    ck_assert_ptr_null(gmemAlloc(100, node));
    ck_assert_int_eq(errno, EINVAL);
  }
}
END_TEST

START_TEST(results_through_null_are_refused) {
  const Area area(1);
  ck_assert_int_eq(
      gmemGetResidentSize(area.begin(), kPage, GMEM_ANY_NODE, nullptr),
      -EINVAL);
  ck_assert_int_eq(gmemStreamCreate(nullptr), -EINVAL);
  ck_assert_int_eq(gmemStreamSynchronize(nullptr), -EINVAL);
  ck_assert_int_eq(gmemStreamDestroy(nullptr), -EINVAL);
}
END_TEST

START_TEST(what_is_queued_is_done_and_its_errors_are_kept) {
  const int node = gmemGetNumaId();
  void* stream = nullptr;
  ck_assert_int_eq(gmemStreamCreate(&stream), 0);
  const Area area(3);
  munmap(area.data(2 * kPage), kPage);
  ck_assert_int_eq(gmemPrefetch(area.begin() + 1, kPage, node, stream), 0);
  ck_assert_int_eq(gmemPrefetch(area.begin() + 2 * kPage, 1, node, stream), 0);
  ck_assert_int_eq(gmemFreeEager(area.begin(), kPage, stream), 0);
  ck_assert_int_eq(gmemStreamSynchronize(stream), -ENOMEM);
  ck_assert_int_eq(gmemStreamSynchronize(stream), 0);
  ck_assert_uint_eq(present_bytes(area.bytes(0, kPage)), 0);
  ck_assert_uint_eq(present_bytes(area.bytes(kPage, kPage)), kPage);
  ck_assert_int_eq(gmemStreamDestroy(stream), 0);
}
END_TEST

START_TEST(prefetch_compute_free) {
  const Area area(4);
  const int node = gmemGetNumaId();
  size_t resident = 1;
  ck_assert_int_eq(
      gmemGetResidentSize(area.begin(), area.size(), node, &resident), 0);
  ck_assert_uint_eq(resident, 0);
  ck_assert_int_eq(gmemPrefetch(area.begin(), area.size(), node, nullptr), 0);
  ck_assert_int_eq(
      gmemGetResidentSize(area.begin(), area.size(), node, &resident), 0);
  ck_assert_uint_eq(resident, area.size());
  fill(area.all());
  ck_assert_int_eq(gmemFreeEager(area.begin() + 1, area.size() - 1, nullptr),
                   0);
  ck_assert_int_eq(
      gmemGetResidentSize(area.begin(), area.size(), node, &resident), 0);
  ck_assert_uint_eq(resident, kPage);
  ck_assert(is_filled(area.bytes(0, kPage)));
}
END_TEST

START_TEST(the_device_of_the_machine_serves) {
  ck_assert_str_eq(gmemDeviceName(), contract::kServingDevice);
}
END_TEST

START_TEST(a_pinned_node_that_is_none_is_not_used) {
  // The library reads its settings once, and each test is its own process.
  setenv("GMEM_CONF", "device_node:1000", 1);
  const int node = gmemGetNumaId();
  ck_assert_int_ge(node, 0);
  ck_assert_int_ne(node, 1000);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("calls");
  TCase* table = tcase_create("argument table");
  tcase_add_checked_fixture(table, contract::prepare_machine, nullptr);
  tcase_add_test(table, each_row_has_its_error_and_memory_is_unchanged);
  tcase_add_test(table, numbers_at_the_edge_are_no_nodes);
  tcase_add_test(table, results_through_null_are_refused);
  suite_add_tcase(suite, table);
  TCase* use = tcase_create("use");
  tcase_add_checked_fixture(use, contract::prepare_machine, nullptr);
  tcase_add_test(use, the_device_of_the_machine_serves);
  tcase_add_test(use, what_is_queued_is_done_and_its_errors_are_kept);
  tcase_add_test(use, prefetch_compute_free);
  tcase_add_test(use, a_pinned_node_that_is_none_is_not_used);
  suite_add_tcase(suite, use);
  return suite;
}
