// SPDX-License-Identifier: MulanPSL-2.0
// The lines on standard error: their form, their length, their level.
#include <errno.h>
#include <limits.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/log.h"
#include "support/capture_stderr.h"
#include "support/check_main.h"
#include "support/child_process.h"

namespace {

using gmem::log;
using gmem::LogLevel;

template <typename... Values>
std::string said(const char* format, Values... values) {
  return stderr_of([&] {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
    log(LogLevel::kError, format, values...);
#pragma GCC diagnostic pop
  });
}

void assert_equal(const std::string& said, const std::string& expected) {
  ck_assert_str_eq(said.c_str(), expected.c_str());
}

START_TEST(a_line_has_a_prefix_and_an_end) {
  assert_equal(said("hello"), "libgmem: hello\n");
  assert_equal(said(""), "libgmem: \n");
}
END_TEST

START_TEST(each_conversion_is_understood) {
  assert_equal(said("%s|%d|%u|%zu|%lx|%%", "text", -12, 34u, std::size_t{56},
                    0xabcdef01UL),
               "libgmem: text|-12|34|56|abcdef01|%\n");
}
END_TEST

START_TEST(the_extremes_are_right) {
  assert_equal(said("%d %d %d", INT_MIN, INT_MAX, 0),
               "libgmem: -2147483648 2147483647 0\n");
  assert_equal(said("%u %zu %lx", UINT_MAX, SIZE_MAX, ULONG_MAX),
               "libgmem: 4294967295 18446744073709551615 "
               "ffffffffffffffff\n");
  assert_equal(said("%s", static_cast<const char*>(nullptr)),
               "libgmem: (null)\n");
}
END_TEST

START_TEST(what_is_no_conversion_stands_as_it_is) {
  assert_equal(said("100%"), "libgmem: 100%\n");
  assert_equal(said("%q"), "libgmem: %q\n");
}
END_TEST

START_TEST(a_long_line_is_cut_and_says_so) {
  for (std::size_t length = 450; length < 600; ++length) {
    const std::string text(length, 'x');
    const std::string line = said("%s", text.c_str());
    const std::string whole = "libgmem: " + text + "\n";
    if (line == whole) continue;
    ck_assert_uint_eq(line.size(), 512);
    ck_assert_uint_gt(whole.size(), 512);
    assert_equal(line.substr(508), "...\n");
    assert_equal(line.substr(0, 508), whole.substr(0, 508));
  }
  ck_assert_uint_eq(said("%s", std::string(1000000, 'x').c_str()).size(), 512);
}
END_TEST

START_TEST(no_value_can_break_the_line) {
  assert_equal(said("%s", "a\nb\033[1mc\td\177"), "libgmem: a?b?[1mc?d?\n");
  assert_equal(said("%s", "d\303\251j\303\240"),
               "libgmem: d\303\251j\303\240\n");
}
END_TEST

START_TEST(errno_stays) {
  int after = 0;
  stderr_of([&] {
    errno = 4321;
    log(LogLevel::kError, "x");
    after = errno;
  });
  ck_assert_int_eq(after, 4321);
}
END_TEST

START_TEST(a_closed_standard_error_is_no_fault) {
  ck_assert_int_eq(0, run_in_child([] {
                     close(2);
                     errno = 4321;
                     log(LogLevel::kError, "x");
                     return errno == 4321 ? 0 : 1;
                   }));
}
END_TEST

// What comes through under GMEM_CONF=log:LEVEL, or without it.
std::string levels_said(const char* conf) {
  return stderr_of([conf] {
    run_in_child([conf] {
      if (conf == nullptr)
        unsetenv("GMEM_CONF");
      else
        setenv("GMEM_CONF", conf, 1);
      log(LogLevel::kError, "error");
      log(LogLevel::kWarn, "warn");
      log(LogLevel::kInfo, "info");
      log(LogLevel::kDebug, "debug");
      return 0;
    });
  });
}

START_TEST(the_level_decides_what_is_said) {
  const std::string error = "libgmem: error\n";
  const std::string warn = error + "libgmem: warn\n";
  const std::string info = warn + "libgmem: info\n";
  const std::string debug = info + "libgmem: debug\n";
  assert_equal(levels_said(nullptr), error);
  assert_equal(levels_said("log:error"), error);
  assert_equal(levels_said("log:warn"), warn);
  assert_equal(levels_said("log:info"), info);
  assert_equal(levels_said("log:debug"), debug);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("log");
  TCase* line = tcase_create("line");
  tcase_add_test(line, a_line_has_a_prefix_and_an_end);
  tcase_add_test(line, each_conversion_is_understood);
  tcase_add_test(line, the_extremes_are_right);
  tcase_add_test(line, what_is_no_conversion_stands_as_it_is);
  tcase_add_test(line, a_long_line_is_cut_and_says_so);
  tcase_add_test(line, no_value_can_break_the_line);
  tcase_add_test(line, errno_stays);
  tcase_add_test(line, a_closed_standard_error_is_no_fault);
  tcase_add_test(line, the_level_decides_what_is_said);
  suite_add_tcase(suite, line);
  return suite;
}
