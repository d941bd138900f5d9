#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# gmeminfo tells apart why a GMEM kernel cannot be used.
# shellcheck source=tests/interposition/tap.sh
source "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
double=$GMEM_BUILDDIR/tests/doubles/.libs/libgmem_kernel_double.so

# on_kernel OPTIONS COMMAND...: under the preloaded double.
on_kernel() {
  local options=$1
  shift
  env LD_PRELOAD="$double" GMEM_KERNEL_DOUBLE="$options" "$@"
}
# says OPTIONS WORDS: what it says of the ascend device.
says() {
  on_kernel "$1" "$GMEM_BUILDDIR/gmeminfo" >"$work/said" 2>&1
  cat "$work/said"
  grep -qE "^  ascend +$2" "$work/said"
}

on_kernel on=yes true 2>"$work/why" || skip_all "$(head -n 1 "$work/why")"

for generation in 6.4 6.6 newest; do
  kernel="generation=$generation"
  ok "$kernel: no file" says "$kernel,open_error=2" \
    'not in use: there is no /dev/gmem'
  ok "$kernel: no right" says "$kernel,open_error=13" \
    'not in use: no right to open /dev/gmem'
  ok "$kernel: no driver" says "$kernel,open_error=6" \
    'not in use: there is no driver behind /dev/gmem'
  ok "$kernel: off" says "$kernel,on=no" 'not in use: GMEM is off'
  ok "$kernel: no runtime" says "$kernel" 'not in use: no Ascend runtime'
done
done_testing
