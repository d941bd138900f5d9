#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# How much of a stack each call takes: less than libgmem.h says, on the host,
# and so little that the smallest stack of a thread has room for it.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

program=$GMEM_BUILDDIR/tests/contract/stack_use
export GMEM_CONF=device:host
said=$(sed -n 's/.*no call needs more than \([0-9]*\) KiB.*/\1/p' \
  "$GMEM_SRCDIR/include/libgmem.h")

# The header's number leaves room for signal handlers and other kernels.
limit=$((said * 1024 * 3 / 4))
ok 'the header says how much' test "$limit" -gt 0
ok 'what is measured is there' not "$program" gmemPrefetch 400
while IFS= read -r name; do
  ok "$name" "$program" "$name" "$limit"
  ok "$name, on the smallest stack" "$program" "$name" smallest
done < <("$program")
done_testing
