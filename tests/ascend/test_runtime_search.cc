// SPDX-License-Identifier: MulanPSL-2.0
// Where the Ascend runtime is looked for, and what is said where it is not
// found.  Each test searches in a process of its own.
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

#include <array>
#include <string>

#include "ascend/loaded_runtime.h"
#include "ascend/machine.h"
#include "ascend/runtime.h"
#include "ascend/toolkit.h"
#include "doubles/gmem_kernel.h"
#include "support/check_main.h"

namespace {

using ascend::Toolkits;
using gmem::ascend::runtime;

gmem::Availability probe() {
  gmem_kernel::install(gmem_kernel::Options());
  return ascend::device().probe();
}

void expect_found(const std::string& file) {
  const gmem::Availability found = probe();
  ck_assert_msg(found.error == 0, "%s", found.reason);
  ck_assert_str_eq(gmem::ascend::runtime_search_report(), file.c_str());
}

std::string reason_of_absence() {
  const gmem::Availability found = probe();
  ck_assert_int_eq(found.error, -ENODEV);
  ck_assert_ptr_null(runtime());
  return found.reason;
}

void expect_in(const std::string& reason, const std::string& words) {
  ck_assert_msg(reason.find(words) != std::string::npos, "not \"%s\" in: %s",
                words.c_str(), reason.c_str());
}

constexpr std::array kNames = {"libascendcl.so", "libacl_rt.so"};

void* load(const std::string& file) {
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  ck_assert_ptr_nonnull(library);
  return library;
}

START_TEST(what_the_program_has_loaded_is_taken) {
  const Toolkits toolkits;
  const std::string name = kNames.at(static_cast<std::size_t>(_i));
  void* const library = load(toolkits.install("elsewhere", "full", name));
  toolkits.install("home-path/lib64", "full");
  setenv("ASCEND_HOME_PATH", toolkits.path("home-path").c_str(), 1);
  expect_found(name);
  ck_assert_ptr_eq(reinterpret_cast<void*>(runtime()->create_stream),
                   dlsym(library, "aclrtCreateStream"));
}
END_TEST

// A toolkit's root, and how the library comes to know of it.
struct Root {
  const char* below;
  const char* variable;  // null: by the user's home
};
constexpr std::array kRoots = {
    Root{"toolkit", "ASCEND_HOME_PATH"},
    Root{"toolkit", "ASCEND_TOOLKIT_HOME"},
    Root{"home/Ascend/ascend-toolkit/latest", nullptr},
    Root{"home/Ascend/cann", nullptr},
};
constexpr std::array kDirectories = {"lib64", ascend::kLibrariesOfThisCpu,
                                     "runtime/lib64"};
constexpr int kPlaces = kRoots.size() * kDirectories.size() * kNames.size();

START_TEST(each_place_is_looked_at) {
  const Toolkits toolkits;
  const auto place = static_cast<std::size_t>(_i);
  const char* const name = kNames[place % kNames.size()];
  const char* const directory =
      kDirectories[place / kNames.size() % kDirectories.size()];
  const Root& root = kRoots.at(place / kNames.size() / kDirectories.size());
  const std::string file =
      toolkits.install(std::string(root.below) + "/" + directory, "full", name);
  if (root.variable != nullptr)
    setenv(root.variable, toolkits.path(root.below).c_str(), 1);
  expect_found(file);
}
END_TEST

START_TEST(the_environment_comes_before_the_usual_places) {
  const Toolkits toolkits;
  toolkits.install("home/Ascend/cann/lib64", "full");
  toolkits.install("second/lib64", "full");
  const std::string file = toolkits.install("first/lib64", "full");
  setenv("ASCEND_HOME_PATH", toolkits.path("first").c_str(), 1);
  setenv("ASCEND_TOOLKIT_HOME", toolkits.path("second").c_str(), 1);
  expect_found(file);
}
END_TEST

START_TEST(older_runtimes_are_taken_as_they_are) {
  const Toolkits toolkits;
  const bool has_callbacks = _i == 0;
  const std::string file =
      toolkits.install("toolkit/lib64", has_callbacks ? "callback" : "minimal");
  setenv("ASCEND_HOME_PATH", toolkits.path("toolkit").c_str(), 1);
  expect_found(file);
  ck_assert(runtime()->launch_host_function == nullptr);
  ck_assert_int_eq(runtime()->launch_callback != nullptr, has_callbacks);
}
END_TEST

START_TEST(one_that_lacks_a_call_is_passed_over) {
  const Toolkits toolkits;
  toolkits.install("first/lib64", "broken");
  const std::string file = toolkits.install("first/runtime/lib64", "callback");
  setenv("ASCEND_HOME_PATH", toolkits.path("first").c_str(), 1);
  expect_found(file);
  // Nothing stays of the first, which has host functions.
  ck_assert(runtime()->launch_host_function == nullptr);
}
END_TEST

START_TEST(a_loaded_one_that_lacks_a_call_is_passed_over) {
  const Toolkits toolkits;
  load(toolkits.install("elsewhere", "broken"));
  const std::string file = toolkits.install("toolkit/lib64", "full");
  setenv("ASCEND_TOOLKIT_HOME", toolkits.path("toolkit").c_str(), 1);
  expect_found(file);
}
END_TEST

START_TEST(what_is_no_library_is_passed_over) {
  const Toolkits toolkits;
  toolkits.install_text("first/lib64");
  std::filesystem::create_directories(
      toolkits.path("first/runtime/lib64/libascendcl.so"));
  const std::string file = toolkits.install("second/lib64", "full");
  setenv("ASCEND_HOME_PATH", toolkits.path("first").c_str(), 1);
  setenv("ASCEND_TOOLKIT_HOME", toolkits.path("second").c_str(), 1);
  expect_found(file);
}
END_TEST

// The names of places cannot make it longer than it may be.
START_TEST(places_with_long_names_are_passed_over) {
  const Toolkits toolkits;
  const std::string file = toolkits.install("second/lib64", "full");
  constexpr std::array<std::size_t, 4> kLengths = {480, 512, 2048, 100000};
  const std::size_t length = kLengths.at(static_cast<std::size_t>(_i));
  setenv("ASCEND_HOME_PATH", ("/" + std::string(length, 'x')).c_str(), 1);
  setenv("ASCEND_TOOLKIT_HOME", toolkits.path("second").c_str(), 1);
  expect_found(file);
}
END_TEST

START_TEST(it_is_said_what_was_looked_for_and_where) {
  const Toolkits toolkits;
  setenv("ASCEND_TOOLKIT_HOME", toolkits.path("empty").c_str(), 1);
  const std::string reason = reason_of_absence();
  for (const char* name : kNames) expect_in(reason, name);
  expect_in(reason, "LD_LIBRARY_PATH");
  expect_in(reason, "ASCEND_HOME_PATH is not set");
  expect_in(reason, "not below " + toolkits.path("empty"));
  for (const char* root :
       {"/usr/local/Ascend/ascend-toolkit/latest", "/usr/local/Ascend/cann"})
    expect_in(reason, std::string("not below ") + root);
  for (const char* root :
       {"home/Ascend/ascend-toolkit/latest", "home/Ascend/cann"})
    expect_in(reason, "not below " + toolkits.path(root));
}
END_TEST

START_TEST(an_empty_environment_is_said_too) {
  const Toolkits toolkits;
  setenv("ASCEND_HOME_PATH", "", 1);
  unsetenv("HOME");
  const std::string reason = reason_of_absence();
  expect_in(reason, "ASCEND_HOME_PATH is not set");
  expect_in(reason, "ASCEND_TOOLKIT_HOME is not set");
}
END_TEST

START_TEST(it_is_said_what_is_wrong_with_what_is_there) {
  const Toolkits toolkits;
  const std::string text = toolkits.install_text("first/lib64");
  const std::string broken = toolkits.install("second/lib64", "broken");
  setenv("ASCEND_HOME_PATH", toolkits.path("first").c_str(), 1);
  setenv("ASCEND_TOOLKIT_HOME", toolkits.path("second").c_str(), 1);
  const std::string reason = reason_of_absence();
  expect_in(reason, text + ": ");
  expect_in(reason, broken + " lacks aclrtCreateStream");
}
END_TEST

START_TEST(what_is_said_has_an_end) {
  const Toolkits toolkits;
  const std::string name = "/" + std::string(1500, 'x');
  for (const char* variable :
       {"ASCEND_HOME_PATH", "ASCEND_TOOLKIT_HOME", "HOME"})
    setenv(variable, name.c_str(), 1);
  const std::string reason = reason_of_absence();
  expect_in(reason, "no Ascend runtime (libascendcl.so, libacl_rt.so): ");
  expect_in(reason, "not below " + name);
  ck_assert_uint_lt(reason.size(), 2200);
}
END_TEST

START_TEST(it_is_searched_for_once) {
  const Toolkits toolkits;
  reason_of_absence();
  toolkits.install("home/Ascend/cann/lib64", "full");
  ck_assert_int_eq(ascend::device().probe().error, -ENODEV);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("ascend runtime search");
  TCase* found = tcase_create("found");
  tcase_add_loop_test(found, what_the_program_has_loaded_is_taken, 0,
                      static_cast<int>(kNames.size()));
  tcase_add_loop_test(found, each_place_is_looked_at, 0, kPlaces);
  tcase_add_test(found, the_environment_comes_before_the_usual_places);
  tcase_add_loop_test(found, older_runtimes_are_taken_as_they_are, 0, 2);
  tcase_add_test(found, one_that_lacks_a_call_is_passed_over);
  tcase_add_test(found, a_loaded_one_that_lacks_a_call_is_passed_over);
  tcase_add_test(found, what_is_no_library_is_passed_over);
  tcase_add_loop_test(found, places_with_long_names_are_passed_over, 0, 4);
  suite_add_tcase(suite, found);
  if (ascend::machine_has_a_runtime()) return suite;
  TCase* absent = tcase_create("absent");
  for (const TTest* test : std::array{
           it_is_said_what_was_looked_for_and_where,
           an_empty_environment_is_said_too,
           it_is_said_what_is_wrong_with_what_is_there,
           what_is_said_has_an_end,
           it_is_searched_for_once,
       })
    tcase_add_test(absent, test);
  suite_add_tcase(suite, absent);
  return suite;
}
