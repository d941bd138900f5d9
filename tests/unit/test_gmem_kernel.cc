// SPDX-License-Identifier: MulanPSL-2.0
// gmeminfo's reading of GMEM, over texts and a tree of files laid out as the
// kernels with GMEM do.
#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

// Before Check, whose macro "fail" breaks the C++ library's streams.
#include "gmem_kernel.h"
#include "support/check_main.h"
#include "support/child_process.h"
#include "support/temporary_tree.h"

namespace {

using gmeminfo::find_gmem_kernel;
using gmeminfo::GmemKernel;
using gmeminfo::Hnode;
using gmeminfo::Migrating;
using gmeminfo::parse_boot_parameter;
using gmeminfo::parse_gmemstat;

constexpr char kHnodes[] = "sys/kernel/mm/gmem/";

void become_nobody() {
  constexpr unsigned kNobody = 65534;
  if (geteuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 ||
      setuid(kNobody) != 0)
    throw std::runtime_error("stays root");
}

// A file that answers open with ENXIO, as a device's without its driver does.
void make_file_without_driver(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ck_assert_int_eq(
      0, bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address));
  close(listener);
}

START_TEST(one_counter_of_linux_6_4) {
  const Migrating migrating = parse_gmemstat("migrating     : 42\n");
  ck_assert(migrating.both_ways == 42u);
  ck_assert(!migrating.to_device && !migrating.to_host);
}
END_TEST

START_TEST(two_counters_of_linux_6_6) {
  const Migrating migrating = parse_gmemstat(
      "migrating H2D     : 0\n"
      "migrating D2H     : 9223372036854775807\n");
  ck_assert(!migrating.both_ways);
  ck_assert(migrating.to_device == 0u);
  ck_assert(migrating.to_host == 9223372036854775807u);
}
END_TEST

START_TEST(counters_that_are_none) {
  for (const char* text :
       {"", "\n", "migrating", "migrating:", "migrating : -1\n",
        "migrating : 1x\n", "migrating X2Y : 1\n", "emigrating : 1\n"})
    ck_assert_msg(!parse_gmemstat(text).known(), "%s", text);
}
END_TEST

START_TEST(a_boot_parameter) {
  ck_assert(parse_boot_parameter("quiet gmem=on root=/dev/sda1") == "on");
  ck_assert(parse_boot_parameter("gmem=off gmem=on\n") == "on");
  ck_assert(parse_boot_parameter("gmem=") == "");
  ck_assert(parse_boot_parameter("a=\"b c\" \"gmem=1\"") == "1");
}
END_TEST

START_TEST(no_boot_parameter) {
  for (const char* text : {"", "gmem", "xgmem=on", "gmem.x=on",
                           "init=/bin/sh -- gmem=on", "a=\"b gmem=on\""})
    ck_assert_msg(!parse_boot_parameter(text), "%s", text);
}
END_TEST

START_TEST(a_kernel_without_gmem) {
  const TemporaryTree tree;
  tree.directory("dev");
  tree.directory("sys/kernel/mm");
  tree.file("proc/cmdline", "quiet\n");
  const GmemKernel kernel = find_gmem_kernel(tree.root());
  ck_assert(!kernel.found());
  ck_assert(kernel.device_file() == "not there");
}
END_TEST

START_TEST(each_sign_of_gmem_counts) {
  const TemporaryTree file, parameter, counters, directory;
  file.file("dev/gmem", "");
  parameter.file("proc/cmdline", "gmem=off");
  counters.file("proc/gmemstat", "migrating     : 0\n");
  directory.directory(kHnodes);
  for (const TemporaryTree* tree : {&file, &parameter, &counters, &directory})
    ck_assert(find_gmem_kernel(tree->root()).found());
}
END_TEST

START_TEST(all_that_a_kernel_shows) {
  const TemporaryTree tree;
  const std::string hnodes = kHnodes;
  tree.file("dev/gmem", "");
  tree.file("proc/cmdline", "gmem=on\n");
  tree.file("proc/gmemstat", "migrating H2D     : 3\nmigrating D2H     : 4\n");
  // As directories come: in no order, and beside others.
  tree.file(hnodes + "hnode10/max_memsize", "0\n");
  tree.file(hnodes + "hnode10/nr_freelist", "7\n");
  tree.file(hnodes + "hnode10/nr_activelist", "8\n");
  tree.file(hnodes + "hnode4/max_memsize", "34359738368\n");
  tree.file(hnodes + "hnode4/nr_freepages", "100\n");
  tree.file(hnodes + "hnode4/nr_activepages", "20\n");
  for (const char* other : {"hnode", "hnode-1", "hnode4x", "node5", "gmem"})
    tree.directory(hnodes + other);

  const GmemKernel kernel = find_gmem_kernel(tree.root());
  ck_assert(kernel.found());
  ck_assert(kernel.device_file() == "there");
  ck_assert(kernel.boot_parameter == "on");
  ck_assert(kernel.migrating.to_device == 3u);
  ck_assert(kernel.migrating.to_host == 4u);
  ck_assert_uint_eq(kernel.nodes.size(), 2);

  const Hnode& newest = kernel.nodes[0];
  ck_assert_int_eq(newest.id, 4);
  ck_assert(!newest.refused);
  ck_assert(newest.limit == 34359738368u);
  ck_assert(newest.free_pages == 100u);
  ck_assert(newest.active_pages == 20u);

  const Hnode& earlier = kernel.nodes[1];
  ck_assert_int_eq(earlier.id, 10);
  ck_assert(!earlier.refused);
  ck_assert(earlier.limit == 0u);
  ck_assert(earlier.free_pages == 7u);
  ck_assert(earlier.active_pages == 8u);
}
END_TEST

START_TEST(figures_that_are_not_there_are_not_refused) {
  const TemporaryTree tree;
  tree.directory(std::string(kHnodes) + "hnode2");
  const GmemKernel kernel = find_gmem_kernel(tree.root());
  ck_assert_uint_eq(kernel.nodes.size(), 1);
  ck_assert(!kernel.nodes[0].refused);
  ck_assert(!kernel.nodes[0].limit);
}
END_TEST

START_TEST(nodes_are_found_where_figures_are_refused) {
  const TemporaryTree tree;
  const std::string node = std::string(kHnodes) + "hnode4/";
  chmod(tree.file(node + "max_memsize", "0\n").c_str(), 0);
  chmod(tree.file(node + "nr_freepages", "1\n").c_str(), 0);
  ck_assert_int_eq(
      0, run_in_child([&tree] {
        become_nobody();
        const GmemKernel kernel = find_gmem_kernel(tree.root());
        if (!kernel.found() || kernel.nodes.size() != 1) return 1;
        const Hnode& found = kernel.nodes[0];
        if (found.id != 4 || !found.refused) return 2;
        return found.limit || found.free_pages || found.active_pages ? 3 : 0;
      }));
}
END_TEST

START_TEST(a_device_file_without_the_right_to_open_it) {
  const TemporaryTree tree;
  chmod(tree.file("dev/gmem", "").c_str(), 0);
  ck_assert_int_eq(0, run_in_child([&tree] {
                     become_nobody();
                     const GmemKernel kernel = find_gmem_kernel(tree.root());
                     return kernel.device_file() == "no right to open it" ? 0
                                                                          : 1;
                   }));
}
END_TEST

START_TEST(a_device_file_without_a_driver) {
  const TemporaryTree tree;
  make_file_without_driver(tree.directory("dev") + "/gmem");
  const GmemKernel kernel = find_gmem_kernel(tree.root());
  ck_assert_int_eq(kernel.device_file_error, ENXIO);
  ck_assert(kernel.device_file() == "no driver behind it");
  ck_assert(kernel.found());
}
END_TEST

START_TEST(other_errors_of_the_device_file_are_said) {
  GmemKernel kernel;
  kernel.device_file_error = EMFILE;
  ck_assert(kernel.device_file() == strerror(EMFILE));
}
END_TEST

START_TEST(looking_leaves_no_descriptor_open) {
  const TemporaryTree tree;
  tree.file("dev/gmem", "");
  tree.directory(std::string(kHnodes) + "hnode4");
  const int before = dup(0);
  close(before);
  find_gmem_kernel(tree.root());
  const int after = dup(0);
  close(after);
  ck_assert_int_eq(before, after);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("gmem_kernel");
  TCase* text = tcase_create("text");
  tcase_add_test(text, one_counter_of_linux_6_4);
  tcase_add_test(text, two_counters_of_linux_6_6);
  tcase_add_test(text, counters_that_are_none);
  tcase_add_test(text, a_boot_parameter);
  tcase_add_test(text, no_boot_parameter);
  suite_add_tcase(suite, text);
  TCase* files = tcase_create("files");
  tcase_add_test(files, a_kernel_without_gmem);
  tcase_add_test(files, each_sign_of_gmem_counts);
  tcase_add_test(files, all_that_a_kernel_shows);
  tcase_add_test(files, figures_that_are_not_there_are_not_refused);
  tcase_add_test(files, nodes_are_found_where_figures_are_refused);
  tcase_add_test(files, a_device_file_without_the_right_to_open_it);
  tcase_add_test(files, a_device_file_without_a_driver);
  tcase_add_test(files, other_errors_of_the_device_file_are_said);
  tcase_add_test(files, looking_leaves_no_descriptor_open);
  suite_add_tcase(suite, files);
  return suite;
}
