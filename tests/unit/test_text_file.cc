// SPDX-License-Identifier: MulanPSL-2.0
#include <string>

#include "core/text_file.h"
#include "support/check_main.h"
#include "support/temporary_tree.h"

namespace {

using gmem::kEndOfText;
using gmem::TextFile;

// A file of this text.
class Text {
 public:
  explicit Text(const std::string& text) : path_(tree_.file("text", text)) {}
  const char* path() const { return path_.c_str(); }

 private:
  const TemporaryTree tree_;
  const std::string path_;
};

std::uint64_t number_after(TextFile& file, const char* key) {
  return file.find_key(key) ? file.read_number().value_or(UINT64_MAX)
                            : UINT64_MAX;
}

START_TEST(keys_are_found_at_line_starts_alone) {
  const Text text(
      "xActive: 1\n Active: 2\nActiv: 3\nActive(file): 4\n"
      "Active: 5\nActive: 6");
  TextFile file(text.path());
  ck_assert_uint_eq(number_after(file, "Active:"), 5);
  ck_assert_uint_eq(number_after(file, "Active:"), 6);
  ck_assert(!file.find_key("Active:"));
  ck_assert_int_eq(file.next(), kEndOfText);
}
END_TEST

START_TEST(per_node_files_have_a_prefix) {
  const Text text(
      "Node 0 MemTotal: 1 kB\nNode 1023 MemFree:\t 77 kB\n"
      "Node MemFree: 2\nNode 3MemFree: 3\nNodes: 4\nMemFree: 5\n");
  TextFile file(text.path());
  ck_assert_uint_eq(number_after(file, "MemFree:"), 77);
  ck_assert_uint_eq(number_after(file, "MemFree:"), 5);
  ck_assert(!file.find_key("MemFree:"));
}
END_TEST

// Wherever the pieces end in which the text is read.
START_TEST(long_lines_end_nothing) {
  for (std::size_t length = 1000; length < 1050; ++length) {
    const Text text(std::string(length, 'x') + "\nkey: 41\n" +
                    std::string(3 * length, 'y') + "\nkey: 42\n");
    TextFile file(text.path());
    ck_assert_uint_eq(number_after(file, "key:"), 41);
    ck_assert_uint_eq(number_after(file, "key:"), 42);
  }
}
END_TEST

START_TEST(lines_are_cut_to_the_size) {
  const Text text("123456789\n\nabc");
  TextFile file(text.path());
  char line[5];
  ck_assert(file.read_line(line));
  ck_assert_str_eq(line, "1234");
  ck_assert(file.read_line(line));
  ck_assert_str_eq(line, "");
  ck_assert(file.read_line(line));
  ck_assert_str_eq(line, "abc");
  ck_assert(!file.read_line(line));
}
END_TEST

START_TEST(what_is_no_number_stays) {
  const Text text("12,x");
  TextFile file(text.path());
  ck_assert_uint_eq(file.read_number().value_or(0), 12);
  ck_assert(!file.read_number().has_value());
  ck_assert_int_eq(file.next(), ',');
  ck_assert_int_eq(file.peek(), 'x');
}
END_TEST

START_TEST(a_file_that_is_not_there_is_empty) {
  TextFile file("/nowhere/at/all");
  ck_assert(!file.is_open());
  ck_assert(!file.find_key("key:"));
  ck_assert(!file.read_number().has_value());
  ck_assert_int_eq(file.next(), kEndOfText);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("text_file");
  TCase* group = tcase_create("text");
  tcase_add_test(group, keys_are_found_at_line_starts_alone);
  tcase_add_test(group, per_node_files_have_a_prefix);
  tcase_add_test(group, long_lines_end_nothing);
  tcase_add_test(group, lines_are_cut_to_the_size);
  tcase_add_test(group, what_is_no_number_stays);
  tcase_add_test(group, a_file_that_is_not_there_is_empty);
  suite_add_tcase(suite, group);
  return suite;
}
