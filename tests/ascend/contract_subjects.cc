// SPDX-License-Identifier: MulanPSL-2.0
// The ascend device on doubles.  Conventional memory and ordinary nodes mean
// to it what they mean to the host, whether a device is attached or not;
// tests/ascend has what is the device's alone.
#include "ascend/machine.h"
#include "contract/subject.h"
#include "core/host.h"

namespace contract {
namespace {

gmem::Hnid ordinary_node(gmem::Device&) {
  return gmem::Hnid{gmem::host_device().numa_id()};
}

// The runtime has a context either way, and so streams.
void prepare(bool attached) {
  gmem_kernel::Options options;
  options.attached = attached;
  static const ascend::Machine machine(options);
  machine.runtime.set_device();
}

void prepare_attached() { prepare(true); }

void prepare_unattached() { prepare(false); }

}  // namespace

std::vector<Subject> ascend_subjects() {
  return {
      {"ascend, no device attached", &ascend::device(), prepare_unattached,
       ordinary_node, true},
      {"ascend, a device attached", &ascend::device(), prepare_attached,
       ordinary_node, false},
  };
}

}  // namespace contract
