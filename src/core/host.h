// SPDX-License-Identifier: MulanPSL-2.0
// The host as other devices see it: it is always compiled in, and what they
// do not know of memory and ordinary nodes they leave to it.
#ifndef GMEM_CORE_HOST_H
#define GMEM_CORE_HOST_H

#include "core/device.h"
#include "core/page_range.h"

namespace gmem {

class Host : public Device {
 public:
  // prefetch without its last part: pages are filled in on the node where
  // there are none, and those that lie on other nodes stay there.  -EFAULT:
  // some pages cannot be had, being beyond the end of a file, guard pages, or
  // pinned to a device; the others are filled in, but not those far beyond the
  // end of a file.
  virtual Error fill_in(const ByteRange& range, Hnid node) = 0;

 protected:
  constexpr Host() = default;
  ~Host() = default;
};

Host& host_device();

}  // namespace gmem

#endif  // GMEM_CORE_HOST_H
