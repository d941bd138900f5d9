#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The tests that Debian's packages bring along, debian/tests, each with only
# what it asks for installed in a clean system.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=tests/packages/clean_root.sh
. "$GMEM_SRCDIR/tests/packages/clean_root.sh"

directory=${GMEM_PACKAGES:?make check-packages sets it}/deb
[ -d "$directory" ] || skip_all 'there are no Debian packages'
need_program autopkgtest

root=$work/root
unpack_root "$GMEM_PACKAGES/root.tar" "$root"

with_proc "$root" autopkgtest --no-built-binaries \
  --summary-file "$work/summary" "$directory"/*.changes -- chroot "$root" >&2

# Some pass as "superficial": what they test, others need.
passes() { grep -qE "^$1 +PASS( |$)" "$work/summary"; }
while read -r name; do
  ok "$name" passes "$name"
done < <(sed -n 's/^Tests: *//p' "$GMEM_SRCDIR/debian/tests/control" |
  tr -s ', ' '\n')
done_testing
