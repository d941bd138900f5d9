// SPDX-License-Identifier: MulanPSL-2.0
// The exported calls on a GMEM kernel (its double) without the Ascend runtime:
// the host serves, unless the device was asked for by name.  Each case is run
// by test_no_runtime.sh, for the library reads its settings as it is loaded.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <string>

#include "ascend/toolkit.h"
#include "contract/memory.h"
#include "libgmem.h"
#include "support/capture_stderr.h"
#include "support/check_main.h"

namespace {

using contract::Area;
using contract::kPage;

void expect_the_heap_to_work() {
  constexpr std::size_t kSize = 64 * kPage;
  auto* const block = static_cast<char*>(malloc(kSize));
  ck_assert_ptr_nonnull(block);
  memset(block, 1, kSize);
  auto* const grown = static_cast<char*>(realloc(block, 2 * kSize));
  ck_assert_ptr_nonnull(grown);
  ck_assert_int_eq(grown[0] + grown[kSize - 1], 2);
  free(grown);
}

START_TEST(the_host_serves) {
  const ascend::Toolkits toolkits;
  std::string name;
  const std::string said = stderr_of([&] { name = gmemDeviceName(); });
  ck_assert_str_eq(name.c_str(), "host");
  ck_assert_msg(said.find("ascend cannot be used: no Ascend runtime") !=
                    std::string::npos,
                "%s", said.c_str());
  const Area area(2);
  void* stream = nullptr;
  ck_assert_int_eq(gmemStreamCreate(&stream), 0);
  ck_assert_int_eq(
      gmemPrefetch(area.begin(), area.size(), gmemGetNumaId(), stream), 0);
  ck_assert_int_eq(gmemStreamDestroy(stream), 0);
  ck_assert_uint_eq(contract::present_bytes(area.all()), area.size());
  expect_the_heap_to_work();
}
END_TEST

START_TEST(every_call_says_that_the_device_asked_for_is_not_there) {
  const ascend::Toolkits toolkits;
  ck_assert_str_eq(gmemDeviceName(), "none");
  const Area area(1);
  size_t resident = 0;
  void* stream = nullptr;
  int no_stream = 0;
  ck_assert_int_eq(gmemGetNumaId(), -ENODEV);
  ck_assert_int_eq(gmemPrefetch(area.begin(), kPage, 0, nullptr), -ENODEV);
  ck_assert_int_eq(gmemPrefetch(area.begin(), kPage, 0, &no_stream), -ENODEV);
  ck_assert_int_eq(gmemFreeEager(area.begin(), kPage, nullptr), -ENODEV);
  ck_assert_int_eq(
      gmemGetResidentSize(area.begin(), kPage, GMEM_ANY_NODE, &resident),
      -ENODEV);
  ck_assert_int_eq(gmemStreamCreate(&stream), -ENODEV);
  ck_assert_int_eq(gmemStreamSynchronize(&no_stream), -ENODEV);
  ck_assert_int_eq(gmemStreamDestroy(&no_stream), -ENODEV);
  errno = 0;
  ck_assert_ptr_null(gmemAlloc(kPage, 0));
  ck_assert_int_eq(errno, ENODEV);
  expect_the_heap_to_work();
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("no ascend runtime");
  TCase* host = tcase_create("log:info");
  tcase_add_test(host, the_host_serves);
  suite_add_tcase(suite, host);
  TCase* none = tcase_create("device:ascend");
  tcase_add_test(none, every_call_says_that_the_device_asked_for_is_not_there);
  suite_add_tcase(suite, none);
  return suite;
}
