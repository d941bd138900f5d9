// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/peer_flag.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include <atomic>

#include "ascend/uapi.h"
#include "core/page_range.h"

namespace gmem::ascend {
namespace {

constexpr int kNotTried = -1;
std::atomic<int> found{kNotTried};

// A flag that no kernel knows.
constexpr int kControl = 0x2000000;

enum class Answer { kAccepted, kUnknown, kRefused };

// Maps with the flag, and lets go again.
Answer try_mapping(int sharing, int flag) {
  void* const memory =
      mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE,
           sharing | MAP_ANONYMOUS | MAP_NORESERVE | flag, -1, 0);
  if (memory == MAP_FAILED)
    return errno == EINVAL ? Answer::kRefused : Answer::kUnknown;
  munmap(memory, kPageSize);
  return Answer::kAccepted;
}

// A GMEM kernel refuses shared peer-shared mappings, and that alone is told
// apart from a kernel that ignores the flag.
Answer try_shared(int flag) { return try_mapping(MAP_SHARED, flag); }

// The flags meant other things, or nothing, before GMEM: openEuler's 5.10 acts
// on one of the values.
bool can_have_gmem() {
  utsname system;
  return uname(&system) == 0 && atoi(system.release) >= 6;
}

// kNotTried: there was no address space to try it in.
int find() {
  if (!can_have_gmem()) return 0;
  // What refuses any flag that it does not know is no GMEM kernel.
  const Answer control = try_shared(kControl);
  if (control != Answer::kAccepted)
    return control == Answer::kRefused ? 0 : kNotTried;
  for (const int flag : {kPeerSharedOf6_6, kPeerSharedOf6_4}) {
    const Answer answer = try_shared(flag);
    if (answer != Answer::kAccepted)
      return answer == Answer::kRefused ? flag : kNotTried;
  }
  return 0;
}

}  // namespace

int peer_shared_flag() {
  int flag = found.load(std::memory_order_relaxed);
  if (flag == kNotTried) {
    flag = find();
    found.store(flag, std::memory_order_relaxed);
  }
  return flag == kNotTried ? 0 : flag;
}

bool is_gmem_on() {
  const int flag = peer_shared_flag();
  return flag != 0 && try_mapping(MAP_PRIVATE, flag) != Answer::kRefused;
}

}  // namespace gmem::ascend
