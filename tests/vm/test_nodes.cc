// SPDX-License-Identifier: MulanPSL-2.0
// Which node the device prefers on each of the machines of topologies.sh.
#include <stdlib.h>

#include <array>
#include <string>

// First: Check's macros do not get on with streams.
#include "core/devices.h"
#include "support/check_main.h"
#include "vm/placement.h"

namespace {

using placement::kHome;
using placement::kSmall;
using placement::kTarget;

int numa_id() { return gmem::current_device()->numa_id(); }

std::string topology() {
  const char* const name = getenv("GMEM_VM_TOPOLOGY");
  return name == nullptr ? "" : name;
}
bool has_speeds() { return topology() == "three_nodes_hmat"; }

void allow_nodes(const std::string& nodes) {
  placement::enter_cgroup("cpuset.mems", nodes);
}

START_TEST(the_node_is_the_one_that_the_topology_says) {
  if (topology() == "three_nodes")
    ck_assert_int_eq(numa_id(), kTarget);  // the nearest
  else if (has_speeds())
    ck_assert_int_eq(numa_id(), kSmall);  // the fastest, though distant
  else
    ck_assert_int_eq(numa_id(), 0);
}
END_TEST

START_TEST(a_node_of_the_users_choice_comes_first) {
  setenv("GMEM_CONF", has_speeds() ? "device_node:1" : "device_node:2", 1);
  ck_assert_int_eq(numa_id(), has_speeds() ? kTarget : kSmall);
}
END_TEST

START_TEST(a_choice_that_has_a_cpu_is_taken) {
  setenv("GMEM_CONF", "device_node:0", 1);
  ck_assert_int_eq(numa_id(), kHome);
}
END_TEST

START_TEST(a_choice_that_is_no_node_is_not_taken) {
  setenv("GMEM_CONF", "device_node:3", 1);
  ck_assert_int_eq(numa_id(), has_speeds() ? kSmall : kTarget);
}
END_TEST

START_TEST(the_cpuset_leaves_the_next_best) {
  allow_nodes(has_speeds() ? "0-1" : "0,2");
  ck_assert_int_eq(numa_id(), has_speeds() ? kTarget : kSmall);
}
END_TEST

START_TEST(the_cpuset_leaves_the_cpus_node) {
  allow_nodes("0");
  ck_assert_int_eq(numa_id(), kHome);
}
END_TEST

START_TEST(a_choice_outside_the_cpuset_is_not_taken) {
  setenv("GMEM_CONF", "device_node:2", 1);
  allow_nodes("0-1");
  ck_assert_int_eq(numa_id(), kTarget);
}
END_TEST

START_TEST(the_cpuset_is_looked_at_each_time) {
  ck_assert_int_eq(numa_id(), has_speeds() ? kSmall : kTarget);
  allow_nodes("0");
  ck_assert_int_eq(numa_id(), kHome);
}
END_TEST

START_TEST(a_cpuset_without_a_cpus_node_leaves_the_nearest) {
  allow_nodes("1-2");
  ck_assert_int_eq(numa_id(), has_speeds() ? kSmall : kTarget);
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("nodes");
  TCase* group = tcase_create("nodes");
  suite_add_tcase(suite, group);
  tcase_add_test(group, the_node_is_the_one_that_the_topology_says);
  if (!placement::has_several_nodes()) return suite;
  for (const TTest* test : std::array{
           a_node_of_the_users_choice_comes_first,
           a_choice_that_has_a_cpu_is_taken,
           a_choice_that_is_no_node_is_not_taken,
           the_cpuset_leaves_the_next_best,
           the_cpuset_leaves_the_cpus_node,
           a_choice_outside_the_cpuset_is_not_taken,
           the_cpuset_is_looked_at_each_time,
           a_cpuset_without_a_cpus_node_leaves_the_nearest,
       })
    tcase_add_test(group, test);
  return suite;
}
