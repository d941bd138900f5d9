// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/call_log.h"

#include <stdexcept>

#include "doubles/gmem_abi.h"
#include "doubles/kernel_lock.h"

namespace gmem_kernel {
namespace {

constexpr std::size_t kKept = 8192;
Call calls[kKept];
std::size_t count;

struct Order {
  int result;
  int let_pass;
  int calls;
};
Order orders[static_cast<int>(Request::kOther) + 1];

struct PageOrder {
  std::uintptr_t page;
  int times;
};
PageOrder page_orders[64];

}  // namespace

void record_call(const Call& made) {
  const KernelLock lock;
  if (count < kKept) calls[count] = made;
  ++count;
}

std::size_t call_count() {
  const KernelLock lock;
  return count;
}

Call call(std::size_t index) {
  const KernelLock lock;
  if (index >= count || index >= kKept)
    throw std::out_of_range("no such call of the GMEM kernel");
  return calls[index];
}

void forget_calls() {
  const KernelLock lock;
  count = 0;
}

void fail(Request request, int result, int how_many, int after) {
  const KernelLock lock;
  orders[static_cast<int>(request)] = {result, after, how_many};
}

int ordered_failure(Request request) {
  const KernelLock lock;
  Order& order = orders[static_cast<int>(request)];
  if (order.calls == 0) return 0;
  if (order.let_pass > 0) {
    --order.let_pass;
    return 0;
  }
  --order.calls;
  return order.result;
}

void fail_page(std::uintptr_t address, int times) {
  const KernelLock lock;
  for (PageOrder& order : page_orders) {
    if (order.times > 0) continue;
    order = {page_down(address), times};
    return;
  }
  throw std::length_error("too many pages that fail");
}

bool take_ordered_page_failure(std::uintptr_t page) {
  for (PageOrder& order : page_orders) {
    if (order.times == 0 || order.page != page) continue;
    --order.times;
    return true;
  }
  return false;
}

}  // namespace gmem_kernel
