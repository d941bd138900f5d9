#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Each exported name with a cancellation pending, with the ascend device
# serving, on each generation of the kernel's double.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=tests/contract/cancel.sh
. "$GMEM_SRCDIR/tests/contract/cancel.sh"

double=$GMEM_BUILDDIR/tests/doubles/.libs/libgmem_kernel_double.so
bash "$GMEM_SRCDIR/tests/doubles/ascendcl/lay-out" "$work/toolkit" full

for generation in 6.4 6.6 newest; do
  ok "kernel $generation" survive ascend LD_PRELOAD="$double" \
    ASCEND_HOME_PATH="$work/toolkit" GMEM_CONF=device:ascend \
    GMEM_KERNEL_DOUBLE="generation=$generation,hnid=40"
done
done_testing
