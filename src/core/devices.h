// SPDX-License-Identifier: MulanPSL-2.0
// The devices compiled in, in probe order; host is always the last.
#ifndef GMEM_CORE_DEVICES_H
#define GMEM_CORE_DEVICES_H

#include <cstddef>

#include "core/device.h"

namespace gmem {

// A view of the fixed list, for gmeminfo and the contract tests.
struct DeviceList {
  Device* const* first;
  std::size_t count;
  Device* const* begin() const { return first; }
  Device* const* end() const { return first + count; }
};

DeviceList compiled_in_devices();

// The device that serves the calls: the one pinned by conf "device:NAME",
// else the first whose probe succeeds.  Null where the pinned one cannot be
// had.  Probed at the first call, then remembered.
Device* current_device();

// The device that maps the heap's chunks: the one pinned by conf, else the
// first in the list; unprobed, and the same ever after.
Device& chunk_device();

}  // namespace gmem

#endif  // GMEM_CORE_DEVICES_H
