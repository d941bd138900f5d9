#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# What the last release offered to programs, this library offers unchanged:
# no symbol, version, parameter or result is gone or another.  New ones may
# come.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
: "${GMEM_LIBRARY:?names the library under test}"

promised=$GMEM_SRCDIR/data/abi/libgmem-${GMEM_CPU:?make check sets it}.abi
need_program abidiff

keeps_promise() { abidiff --no-added-syms "$1" "$GMEM_LIBRARY"; }

ok 'the library keeps what was promised' keeps_promise "$promised"

# The comparison sees what it is for: bit 4 of its status is a change, the bits
# below are its own failures.
breaks_promise() {
  local status=0
  keeps_promise "$1" || status=$?
  [ $((status & 4)) != 0 ] && [ $((status & 3)) = 0 ]
}
broken() { sed "$1" "$promised" >"$work/broken.abi"; }
broken "s/name='gmemFree'/name='gmemGone'/; s/gmemFree@@/gmemGone@@/"
ok 'a missing call is seen' breaks_promise "$work/broken.abi"
broken "s/name='gmemFree' version='LIBGMEM_0.1'/name='gmemFree' version='LIBGMEM_0.0'/; s/gmemFree@@LIBGMEM_0.1/gmemFree@@LIBGMEM_0.0/"
ok 'another version of a symbol is seen' breaks_promise "$work/broken.abi"
broken "/name='gmemGetNumaId'.*elf-symbol-id/,/function-decl>/s/<return type-id='type-id-[0-9]*'/<return type-id='type-id-3'/"
ok 'another type is seen' breaks_promise "$work/broken.abi"
done_testing
