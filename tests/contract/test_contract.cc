// SPDX-License-Identifier: MulanPSL-2.0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "contract/contract.h"
#include "contract/subject.h"
#include "core/host.h"
#include "support/child_process.h"

namespace contract {
namespace {

gmem::Hnid preferred_node(gmem::Device& device) {
  const int node = device.numa_id();
  ck_assert_int_ge(node, 0);
  return gmem::Hnid{node};
}

Subject host_subject() {
  return {"host", &gmem::host_device(),
          [] {
            if (gmem::host_device().probe().error != 0)
              throw std::runtime_error("the host cannot be used");
          },
          preferred_node, true};
}

// In the environment: the one that is wanted.
bool is_wanted(const Subject& subject) {
  const char* const name = std::getenv("GMEM_TEST_SUBJECT");
  return name == nullptr || subject.name == name;
}

// Tried in a process of its own, as each test is.
bool can_be_had(const Subject& subject) {
  return run_in_child([&] {
           subject.prepare();
           return 0;
         }) == 0;
}

// Conventional ones first, so that the tests which need them loop over the
// beginning of the list.
std::vector<Subject> find_subjects() {
  std::vector<Subject> subjects = ascend_subjects();
  subjects.push_back(host_subject());
  std::stable_partition(subjects.begin(), subjects.end(),
                        [](const Subject& s) { return s.is_conventional; });
  std::vector<Subject> usable;
  for (const Subject& subject : subjects) {
    if (!is_wanted(subject)) continue;
    if (can_be_had(subject)) {
      std::printf("# subject %zu: %s\n", usable.size(), subject.name.c_str());
      usable.push_back(subject);
    } else {
      std::printf("# %s: cannot be tested here\n", subject.name.c_str());
    }
  }
  if (usable.empty()) throw std::runtime_error("no device can be tested");
  std::fflush(stdout);
  return usable;
}

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> found = find_subjects();
  return found;
}

// Of this test's process.
const Subject* prepared = nullptr;

int count_for(Needs needs) {
  return static_cast<int>(std::count_if(
      subjects().begin(), subjects().end(), [needs](const Subject& subject) {
        return needs == Needs::kNothing || subject.is_conventional;
      }));
}

}  // namespace

gmem::Device& usable_device(int index) {
  const Subject& subject = subjects().at(static_cast<std::size_t>(index));
  if (prepared != &subject) subject.prepare();
  prepared = &subject;
  return *subject.device;
}

gmem::Hnid node_of(gmem::Device& device) { return prepared->node(device); }

void add_test(TCase* group, const TTest* test, Needs needs) {
  tcase_add_loop_test(group, test, 0, count_for(needs));
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
