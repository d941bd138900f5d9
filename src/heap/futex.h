// SPDX-License-Identifier: MulanPSL-2.0
// Waiting for a number to change, and saying that it did: the only wait that
// is allowed inside malloc.
#ifndef GMEM_HEAP_FUTEX_H
#define GMEM_HEAP_FUTEX_H

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "core/keep_errno.h"

namespace gmem::heap {

using FutexWord = std::atomic<std::uint32_t>;
static_assert(sizeof(FutexWord) == sizeof(std::uint32_t));

// Returns when the word is changed and woken, when it is not `seen` any more,
// when the time is over (null: never), or for no reason.
inline void futex_wait(FutexWord& word, std::uint32_t seen,
                       const timespec* time = nullptr) {
  const KeepErrno keep_errno;
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, time, nullptr, 0);
}

inline void futex_wake_one(FutexWord& word) {
  const KeepErrno keep_errno;
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace gmem::heap

#endif  // GMEM_HEAP_FUTEX_H
