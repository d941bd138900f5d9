#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Beside another preloaded library whose wrappers of the C library's functions
# allocate, before and behind the heap, programs run as without them.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
library=${GMEM_LIBRARY:?names the library under test}
wrapping=$GMEM_BUILDDIR/tests/interposition/.libs/libwrapping.so
program=$GMEM_BUILDDIR/tests/interposition/scarce_start

seq 100000 >"$work/numbers"
tac "$work/numbers" >"$work/reversed"

for order in "$library:$wrapping" "$wrapping:$library"; do
  name=$([ "${order%%:*}" = "$library" ] && echo behind || echo before)
  ok "$name the heap: sort" \
    env LD_PRELOAD="$order" sort -n --parallel=4 -o "$work/sorted" \
    "$work/reversed"
  ok "$name the heap: its result" cmp "$work/numbers" "$work/sorted"
  ok "$name the heap: blocks of all sizes" env LD_PRELOAD="$order" "$program"
  ok "$name the heap: a shell and what it starts" \
    env LD_PRELOAD="$order" bash -c \
    'test "$(for i in 1 2 3; do echo $i | cat; done | wc -l)" = 3'
done
done_testing
