#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The argument table of libgmem.h, with the ascend device serving, on each
# generation of the kernel's double.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

double=$GMEM_BUILDDIR/tests/doubles/.libs/libgmem_kernel_double.so

# Under the double runs the program alone, not libtool's wrapper of it.
all_pass() {
  (cd "$GMEM_BUILDDIR" && ./libtool --mode=execute \
    env LD_PRELOAD="$double" GMEM_KERNEL_DOUBLE=generation="$1" \
    GMEM_CONF=device_node:0 tests/ascend/calls) >"$work/tap" || {
    cat "$work/tap"
    return 1
  }
  grep -q '^ok ' "$work/tap" && ! grep '^not ok ' "$work/tap"
}

for generation in 6.4 6.6 newest; do
  ok "kernel $generation" all_pass "$generation"
done
done_testing
