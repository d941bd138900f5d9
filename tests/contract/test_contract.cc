// SPDX-License-Identifier: MulanPSL-2.0
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "contract/contract.h"
#include "core/devices.h"

namespace contract {
namespace {

std::vector<gmem::Device*> probe_all() {
  std::vector<gmem::Device*> usable;
  for (gmem::Device* device : gmem::compiled_in_devices()) {
    const gmem::Availability found = device->probe();
    if (found.error == 0)
      usable.push_back(device);
    else
      std::printf("# device %s cannot be tested here: %s\n", device->name(),
                  found.reason);
  }
  if (usable.empty()) throw std::runtime_error("no device can be tested");
  return usable;
}

const std::vector<gmem::Device*>& usable_devices() {
  static const std::vector<gmem::Device*> usable = probe_all();
  return usable;
}

}  // namespace

int usable_device_count() { return static_cast<int>(usable_devices().size()); }

gmem::Device& usable_device(int index) {
  return *usable_devices().at(static_cast<std::size_t>(index));
}

gmem::Hnid node_of(gmem::Device& device) {
  const int node = device.numa_id();
  ck_assert_int_ge(node, 0);
  return gmem::Hnid{node};
}

void add_test(TCase* group, const TTest* test) {
  tcase_add_loop_test(group, test, 0, usable_device_count());
}

}  // namespace contract

Suite* test_suite() {
  Suite* suite = suite_create("contract");
  suite_add_tcase(suite, contract::prefetch_tests());
  suite_add_tcase(suite, contract::discard_tests());
  suite_add_tcase(suite, contract::resident_tests());
  suite_add_tcase(suite, contract::chunk_tests());
  suite_add_tcase(suite, contract::stream_tests());
  return suite;
}
