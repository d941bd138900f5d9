#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# A static program takes no Ascend runtime, though one is there, and the C
# library would load it.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

# CXX may have options in it.
# shellcheck disable=SC2086
build() {
  $CXX "$@" -pthread -I"$GMEM_SRCDIR/src" -I"$GMEM_SRCDIR/tests" \
    "$GMEM_SRCDIR/tests/ascend/static_program.cc" \
    "$GMEM_BUILDDIR/.libs/libgmemcore.a" \
    "$GMEM_BUILDDIR/.libs/libgmemkernel.a" -ldl -o "$work/program"
}

says() {
  ASCEND_HOME_PATH="$work/toolkit" "$work/program" >"$work/said" 2>&1 ||
    return
  cat "$work/said"
  grep -q "$1" "$work/said"
}

ok 'a runtime is laid out' \
  "$GMEM_SRCDIR/tests/doubles/ascendcl/lay-out" "$work/toolkit" full
ok 'the program is built' build
ok 'a program with a loader takes the runtime' says '^can serve$'
if build -static >"$work/log" 2>&1; then
  ok 'a static program does not, and says why' \
    says 'no Ascend runtime .*: a static program cannot load one$'
else
  skip 'a static program does not' 'static programs cannot be linked here'
fi
done_testing
