// SPDX-License-Identifier: MulanPSL-2.0
// The one symbol of the C++ run time that abstract classes refer to, so that
// the library needs no libstdc++.  It cannot be reached: devices are complete
// static objects.
extern "C" [[noreturn]] void __cxa_pure_virtual() { __builtin_trap(); }
