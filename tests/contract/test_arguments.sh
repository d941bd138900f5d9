#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Each row of the argument table of libgmem.h, in each call that it fits: with a
# device, and where conf names one that cannot be had.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

# passes CONF: adds the rows that were met.
passes() {
  local status=0
  GMEM_CONF=$1 passes_tap "$GMEM_BUILDDIR/tests/contract/arguments" ||
    status=$?
  sed -n 's/^ok [0-9]* - //p' "$work/tap" >>"$work/met"
  return "$status"
}

ok 'with a device' passes ''
ok 'without one' passes device:no-such-device
is "$(awk -f "$GMEM_SRCDIR/tests/binary/errors/promised.awk" \
  "$GMEM_SRCDIR/include/libgmem.h" | grep -v ' -$' | sort)" \
  "$(sort -u "$work/met")" 'every row that the header has for a call was met'
done_testing
