// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/acl_error.h"

#include <errno.h>

namespace gmem::ascend {

Error from_acl(AclError code) {
  switch (code) {
    case acl::kSuccess:
      return 0;
    case 100000:  // invalid parameter
    case 107000:  // invalid parameter, of the runtime
    case 107003:  // stream not in the current context
    case 107017:  // invalid handle
      return -EINVAL;
    case 100001:  // not initialised
    case 107001:  // invalid device id
    case 107002:  // no current context
    case 207004:  // no device
      return -ENODEV;
    case 200000:  // bad allocation
    case 207001:  // out of memory
    case 207018:  // out of memory, on the device
      return -ENOMEM;
    case 207006:
      return -EPERM;
    case acl::kNotSupported:
      return -ENOSYS;
    default:
      return -EIO;
  }
}

}  // namespace gmem::ascend
