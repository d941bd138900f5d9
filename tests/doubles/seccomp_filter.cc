// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/seccomp_filter.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "doubles/gmem_abi.h"
#include "doubles/raw_calls.h"
#include "doubles/window.h"

namespace gmem_kernel {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#endif

constexpr unsigned low_half(std::uint64_t value) {
  return static_cast<unsigned>(value);
}
constexpr unsigned high_half(std::uint64_t value) {
  return static_cast<unsigned>(value >> 32);
}

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}
// Both processors are little-endian.
sock_filter load_low(int argument) {
  return load(offsetof(seccomp_data, args) + 8 * argument);
}
sock_filter load_high(int argument) {
  return load(offsetof(seccomp_data, args) + 8 * argument + 4);
}
sock_filter keep_bits(unsigned mask) {
  return BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask);
}
// Skips so many instructions unless the loaded word passes the test.
sock_filter unless(unsigned test, unsigned value, std::size_t skipped) {
  return BPF_JUMP(BPF_JMP | test | BPF_K, value, 0,
                  static_cast<unsigned char>(skipped));
}
const sock_filter kTrap = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
const sock_filter kAllow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

// The body decides on one system call; each begins by loading the number.
void on(Program& program, long call, const Program& body) {
  program.append(
      Program{load(offsetof(seccomp_data, nr)),
              unless(BPF_JEQ, static_cast<unsigned>(call), body.size())});
  program.append(body);
}

Program trap_address_in_window() {
  return {load_high(0), unless(BPF_JGE, high_half(kWindowBegin), 2),
          BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, high_half(kWindowEnd), 1, 0),
          kTrap, kAllow};
}

}  // namespace

Program filter_for(Generation generation) {
  const auto peer_shared = static_cast<unsigned>(peer_shared_flag(generation));
  Program program = {
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0), kAllow,
      // The double's own calls.
      load_low(5), unless(BPF_JEQ, low_half(kPassFilter), 3), load_high(5),
      unless(BPF_JEQ, high_half(kPassFilter), 1), kAllow};
  on(program, SYS_openat,
     {load_low(2), keep_bits(~unsigned{O_CLOEXEC}), unless(BPF_JEQ, O_RDWR, 1),
      kTrap, kAllow});
  on(program, SYS_ioctl,
     {load_low(1), keep_bits(0xff00), unless(BPF_JEQ, kIoctlMagic << 8, 1),
      kTrap, kAllow});
  on(program, SYS_mmap,
     {load_low(3), unless(BPF_JSET, peer_shared, 1), kTrap, kAllow});
  for (const long call : {SYS_munmap, SYS_mremap, SYS_mprotect})
    on(program, call, trap_address_in_window());
  program.append(Program{kAllow});
  return program;
}

}  // namespace gmem_kernel
