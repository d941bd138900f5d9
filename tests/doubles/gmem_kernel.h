// SPDX-License-Identifier: MulanPSL-2.0
// The double of a kernel with GMEM, for machines that have none: /dev/gmem,
// its two requests, and mappings with MAP_PEER_SHARED, as each generation of
// the kernel answers.  See README.md in this directory.
#ifndef GMEM_TESTS_DOUBLES_GMEM_KERNEL_H
#define GMEM_TESTS_DOUBLES_GMEM_KERNEL_H

#include <cstddef>
#include <cstdint>

namespace gmem_kernel {

enum class Generation { k6_4, k6_6, kNewest };

struct Options {
  Generation generation = Generation::kNewest;
  bool on = true;        // the boot parameter gmem=on
  int open_error = 0;    // errno of open("/dev/gmem"); 0: it opens
  bool attached = true;  // a device is attached to the process
  int hnid = 0;          // of the device; 0: the first id above all nodes
  std::size_t device_pages = 4096;  // of 2 MiB
  // 6.4, 6.6: only the thread that attached the device may name it.
  bool only_attaching_thread = false;
};

// Once in a process; throws std::runtime_error where the machine cannot.
void install(const Options& options);

// Whether memory on the device is really gone from the CPU, until a touch
// brings it back; otherwise only the ledger moves.
bool pages_leave_the_cpu();
// Whether a touch of a pinned page is refused (Linux 6.6 and later);
// otherwise it is a violation, and the page comes back.
bool pins_refuse_the_cpu();

// The device's id, attached or not.
int hnid();
// 6.4 and 6.6 add a device, and go on answering with the first; the newest
// has one.
void attach();
void detach();
// Another device; one that has no node of its own answers MAX_NUMNODES.
void attach_hnid(int hnid);
void set_open_error(int error);

bool is_on_device(std::uintptr_t address);
// Of whole 2 MiB pages that the range touches, the bytes inside it.
std::size_t bytes_on_device(std::uintptr_t begin, std::size_t size);

enum class Request { kGetHnid, kPrefetch, kDiscard, kOther };
// As the kernel saw it; the result is 0, negative errno, or the positive
// number that leaks out.  kGetHnid has its answer in hnid.
struct Call {
  Request request;
  int hnid;
  std::uintptr_t start;
  std::size_t size;
  int result;
};
// Calls are counted without end; the first 8192 are kept.
std::size_t call_count();
Call call(std::size_t index);
void forget_calls();

// What a real kernel would not have survived, or would have answered with
// lost memory, in this process and its children.  Each is also a line on
// standard error.
std::size_t violations();

// Of the calls with this request, lets `after` pass, and answers the next
// `calls` with the result, without effect: negative errno, or positive 1 to 6.
void fail(Request request, int result, int calls = 1, int after = 0);
// Prefetch of that page fails, so many times.
void fail_page(std::uintptr_t address, int times);
// The pages go to the device and stay; the CPU gets SIGBUS, system calls get
// EFAULT or EHWPOISON.
void pin(std::uintptr_t begin, std::size_t size);

}  // namespace gmem_kernel

// For other doubles, which find them by name; 0: the device of the options.
extern "C" void gmem_kernel_double_attach(int hnid);
extern "C" void gmem_kernel_double_detach(void);

#endif  // GMEM_TESTS_DOUBLES_GMEM_KERNEL_H
