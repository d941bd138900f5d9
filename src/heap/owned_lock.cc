// SPDX-License-Identifier: MulanPSL-2.0
#include "heap/owned_lock.h"

namespace {

// The half of the word that a futex looks at has the mark; were the lock let
// go and taken by another thread of the same half in between, that one has the
// mark as well and wakes who sleeps.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

gmem::heap::FutexWord& low_half(gmem_owned_lock_t* lock) {
  void* const half = &lock->word;
  return *static_cast<gmem::heap::FutexWord*>(half);
}

}  // namespace

namespace gmem::heap {

bool take_until(gmem_owned_lock_t* lock, const Deadline* deadline) {
  const std::uintptr_t self = gmem_lock_self();
  // Others may sleep as well: who has slept takes it with the mark.
  std::uintptr_t mark = 0;
  for (;;) {
    std::uintptr_t word = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
    if (word == 0) {
      if (__atomic_compare_exchange_n(&lock->word, &word, self | mark, false,
                                      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return true;
      continue;
    }
    timespec left{};
    if (deadline != nullptr && !deadline->is_ahead(left)) return false;
    const std::uintptr_t awaited = word | GMEM_LOCK_IS_AWAITED;
    if (word != awaited &&
        !__atomic_compare_exchange_n(&lock->word, &word, awaited, false,
                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      continue;
    mark = GMEM_LOCK_IS_AWAITED;
    futex_wait(low_half(lock), static_cast<std::uint32_t>(awaited),
               deadline == nullptr ? nullptr : &left);
  }
}

}  // namespace gmem::heap

void gmem_owned_lock_wait(gmem_owned_lock_t* lock) {
  if (!gmem_owned_lock_pass(lock)) gmem::heap::take_until(lock, nullptr);
}

void gmem_owned_lock_wake(gmem_owned_lock_t* lock) {
  gmem::heap::futex_wake_one(low_half(lock));
}
