#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The programs in the manual pages, taken from there: each compiles without a
# warning, runs, and succeeds.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
: "${GMEM_LIBRARY:?names the library under test}"
library_directory=$(dirname "$GMEM_LIBRARY")

# What the reader sees between .EX and .EE.
program_in() {
  sed -n '/^\.EX$/,/^\.EE$/{/^\.E[XE]$/d;s/\\-/-/g;s/\\e/\\/g;p}' "$1"
}

for page in "$GMEM_SRCDIR"/man/gmem*.3; do
  name=$(basename "$page" .3)
  ! grep -q '^\.so ' "$page" || continue
  program_in "$page" >"$work/$name.c"
  ok "$name(3): the example compiles" \
    "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -I"$GMEM_SRCDIR/include" \
    "$work/$name.c" -o "$work/$name" -L"$library_directory" -lgmem \
    -Wl,-rpath,"$library_directory"
  ok "$name(3): the example succeeds" "$work/$name"
done
done_testing
