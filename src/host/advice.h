// SPDX-License-Identifier: MulanPSL-2.0
// What madvise's answer is worth.
#ifndef GMEM_HOST_ADVICE_H
#define GMEM_HOST_ADVICE_H

namespace gmem::host {

// Whether advice that was taken is followed.  Emulators of user programs, such
// as qemu-user, say yes to all advice, even to such as there is not, and follow
// little of it or none: where an aarch64 container runs on x86_64, say.
bool advice_is_followed();

}  // namespace gmem::host

#endif  // GMEM_HOST_ADVICE_H
