// SPDX-License-Identifier: MulanPSL-2.0
#include "host/advice.h"

#include <errno.h>
#include <sys/mman.h>

#include <atomic>

#include "core/call_again.h"
#include "core/keep_errno.h"

namespace gmem::host {
namespace {

enum class Answer { kUnknown, kYes, kNo };

Answer ask_for_nonsense() {
  constexpr int kNoAdvice = -1;
  const KeepErrno keep_errno;
  return madvise(nullptr, 0, kNoAdvice) == 0 ? Answer::kNo : Answer::kYes;
}

}  // namespace

Error advise(const ByteRange& range, int advice) {
  const int result = call_again([&] {
    const int once =
        madvise(reinterpret_cast<void*>(range.begin()), range.size(), advice);
    if (once != 0 && errno == EAGAIN) errno = EINTR;
    return once;
  });
  return result == 0 ? 0 : -errno;
}

bool advice_is_followed() {
  static std::atomic<Answer> known{Answer::kUnknown};
  Answer answer = known.load(std::memory_order_relaxed);
  if (answer == Answer::kUnknown) {
    answer = ask_for_nonsense();
    known.store(answer, std::memory_order_relaxed);
  }
  return answer == Answer::kYes;
}

}  // namespace gmem::host
