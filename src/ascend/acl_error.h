// SPDX-License-Identifier: MulanPSL-2.0
// The error codes of the Ascend runtime (acl_rt.h, acl_base.h) that mean
// something to libgmem.
#ifndef GMEM_ASCEND_ACL_ERROR_H
#define GMEM_ASCEND_ACL_ERROR_H

#include "core/device.h"

namespace gmem::ascend {

using AclError = int;

namespace acl {
inline constexpr AclError kSuccess = 0;
inline constexpr AclError kRepeatedSubscribe = 100033;
inline constexpr AclError kReportTimeout = 100036;
inline constexpr AclError kStreamSubscribed = 107011;
inline constexpr AclError kNoReporter = 107015;
inline constexpr AclError kNotSupported = 207000;
}  // namespace acl

// The negative errno that stands for a code: -EINVAL for a stream that is not
// live in the calling thread's context, -ENODEV without context or device,
// -ENOMEM, -EPERM, -ENOSYS; -EIO for all else.
Error from_acl(AclError code);

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_ACL_ERROR_H
