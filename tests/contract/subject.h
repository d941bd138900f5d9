// SPDX-License-Identifier: MulanPSL-2.0
// A device under test, in one situation that it can be in.
#ifndef GMEM_TESTS_CONTRACT_SUBJECT_H
#define GMEM_TESTS_CONTRACT_SUBJECT_H

#include <string>
#include <vector>

#include "core/device.h"

namespace contract {

struct Subject {
  std::string name;
  gmem::Device* device;
  // Brings the situation about, once in the process of each test; throws
  // where this machine cannot.
  void (*prepare)();
  // The node that prefetches are to go to.
  gmem::Hnid (*node)(gmem::Device& device);
  // Whether no memory can come to lie on a device: then the kernel tells where
  // all of it is, and makes huge pages of it.
  bool is_conventional;
};

// Those of a device's that has more to set up than a probe.
std::vector<Subject> ascend_subjects();

}  // namespace contract

#endif  // GMEM_TESTS_CONTRACT_SUBJECT_H
