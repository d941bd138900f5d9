#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# CMake finds an installed libgmem by pkg-config: the example for it, configured,
# built and run.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/binary/installed.sh
. "$GMEM_SRCDIR/tests/binary/installed.sh"

need_program cmake
install_for_programs install-libLTLIBRARIES
program=$work/build/first_program
library=$LD_LIBRARY_PATH/libgmem.so.0

ok 'configures' cmake -S "$GMEM_SRCDIR/examples/cmake" -B "$work/build" \
  -DCMAKE_C_FLAGS=-Werror
ok 'builds' cmake --build "$work/build"
ok 'is linked with the installed library' \
  grep -qF "libgmem.so.0 => $library " <(ldd "$program")
ok 'runs' "$program"
is 'prefetched: ' "$("$program" | grep -o '^prefetched: ')" 'and says so'

# What was found above was not this machine's own.
ok 'configuring fails where libgmem is not installed' not env PKG_CONFIG_PATH= \
  PKG_CONFIG_LIBDIR="$work" cmake -S "$GMEM_SRCDIR/examples/cmake" \
  -B "$work/without"
done_testing
