#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Programs that start with little address space: the first allocations fail by
# ENOMEM, at whatever step of the heap's start the memory ends, and succeed when
# there is some.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
library=${GMEM_LIBRARY:?names the library under test}
program=$GMEM_BUILDDIR/tests/interposition/scarce_start

# With so many KiB, which may be too few for the dynamic loader to map the
# libraries.
start_with() {
  bash -c 'ulimit -Sv "$1" && LD_PRELOAD=$2 exec "$3"' - "$1" "$library" \
    "$program" >"$work/said" 2>&1
}

least=0
bad=
for ((kib = 6000; kib < 60000; kib += 250)); do
  status=0
  start_with "$kib" || status=$?
  grep -q 'cannot be preloaded\|error while loading' "$work/said" && continue
  [ "$least" != 0 ] || least=$kib
  if [ "$status" != 0 ] || [ -s "$work/said" ]; then
    bad+="$kib KiB: status $status: $(head -n 2 "$work/said")"$'\n'
  fi
done
ok 'the library is loaded with less than 60 MB' [ "$least" != 0 ]
is '' "$bad" 'from then on allocations fail rightly, and succeed when they can'
done_testing
