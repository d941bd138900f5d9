// SPDX-License-Identifier: MulanPSL-2.0
// Every int has a text; those that libgmem.h documents have one of their own.
#include <errno.h>
#include <limits.h>

#include <cstring>
#include <set>
#include <string>

#include "core/error_text.h"
#include "support/check_main.h"

namespace {

using gmem::error_text;

constexpr int kDocumented[] = {0,        -EINVAL, -ENODEV, -ENOMEM,
                               -EACCES,  -EPERM,  -EBUSY,  -EAGAIN,
                               -EDEADLK, -ENOSYS, -EIO,    -EFAULT};

START_TEST(documented_errors_have_texts_of_their_own) {
  std::set<std::string> texts;
  for (const int error : kDocumented) {
    ck_assert_str_ne(error_text(error), "unknown error");
    texts.insert(error_text(error));
  }
  ck_assert_uint_eq(texts.size(), sizeof kDocumented / sizeof *kDocumented);
}
END_TEST

START_TEST(success_is_called_so) { ck_assert_str_eq(error_text(0), "success"); }
END_TEST

START_TEST(positive_numbers_are_unknown) {
  for (const int number : {1, EINVAL, ENOMEM, 4095, INT_MAX})
    ck_assert_str_eq(error_text(number), "unknown error");
}
END_TEST

START_TEST(numbers_beyond_errno_are_unknown) {
  for (const int number : {-4000, -4095, -4096, -100000, INT_MIN})
    ck_assert_str_eq(error_text(number), "unknown error");
}
END_TEST

START_TEST(every_number_has_one_line) {
  for (int error = -5000; error <= 5000; ++error) {
    const char* text = error_text(error);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_gt(std::strlen(text), 0);
    ck_assert_ptr_null(std::strchr(text, '\n'));
    ck_assert_ptr_eq(text, error_text(error));
  }
}
END_TEST

START_TEST(errno_stays) {
  errno = 4321;
  for (int error = -5000; error <= 5000; ++error) error_text(error);
  ck_assert_int_eq(errno, 4321);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("error_text");
  TCase* texts = tcase_create("texts");
  tcase_add_test(texts, documented_errors_have_texts_of_their_own);
  tcase_add_test(texts, success_is_called_so);
  tcase_add_test(texts, positive_numbers_are_unknown);
  tcase_add_test(texts, numbers_beyond_errno_are_unknown);
  tcase_add_test(texts, every_number_has_one_line);
  tcase_add_test(texts, errno_stays);
  suite_add_tcase(suite, texts);
  return suite;
}
