#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Each exported name of the library, by nm's word, with a cancellation pending.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=tests/contract/cancel.sh
. "$GMEM_SRCDIR/tests/contract/cancel.sh"

need_program nm
exported=$(nm -D --defined-only "${GMEM_LIBRARY:?}" |
  awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
  sort)

is "$exported" "$("$cancelled" | sed 's/ .*//' | sort -u)" \
  'every exported name is tried'
ok 'on the host' survive host GMEM_CONF=device:host
ok 'where devices are looked for' survive host
ok 'where there is none' survive none GMEM_CONF=device:no-such-device
done_testing
