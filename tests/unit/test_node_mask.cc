// SPDX-License-Identifier: MulanPSL-2.0
#include <climits>
#include <iterator>

#include "host/node_mask.h"
#include "support/check_main.h"

namespace {

using gmem::host::NodeMask;

int bits_of(const NodeMask& mask) {
  int bits = 0;
  for (const unsigned long word : mask.words) bits += __builtin_popcountl(word);
  return bits;
}

// As constants, so that the compiler refuses a write past the words.
START_TEST(it_holds_the_node) {
  constexpr NodeMask first(0);
  constexpr NodeMask second(1);
  constexpr NodeMask last(1023);
  ck_assert_uint_eq(first.words[0], 1);
  ck_assert_uint_eq(second.words[0], 2);
  ck_assert_uint_eq(*std::rbegin(last.words), 1UL << (NodeMask::kWordBits - 1));
  ck_assert_int_eq(bits_of(first) + bits_of(second) + bits_of(last), 3);
}
END_TEST

START_TEST(it_is_empty_where_there_can_be_no_such_node) {
  constexpr NodeMask masks[] = {NodeMask(1024), NodeMask(1088),
                                NodeMask(INT_MAX), NodeMask(-1),
                                NodeMask(INT_MIN)};
  for (const NodeMask& mask : masks) ck_assert_int_eq(bits_of(mask), 0);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("node_mask");
  TCase* group = tcase_create("nodes");
  tcase_add_test(group, it_holds_the_node);
  tcase_add_test(group, it_is_empty_where_there_can_be_no_such_node);
  suite_add_tcase(suite, group);
  return suite;
}
