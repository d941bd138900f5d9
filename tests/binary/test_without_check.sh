#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Where configure found no Check, each target that runs tests ends in one line
# that says what to install, and the others are as ever.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

# This build's makefile as configure makes it then.
makefile=$work/Makefile
sed '/^#*check_is_there :=/,/configure again/ s/^#//' \
  "${GMEM_BUILDDIR:?}/Makefile" >"$makefile"
make_target() {
  env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
    make -C "$GMEM_BUILDDIR" --no-print-directory -n -f "$makefile" "$1"
}
says_so() {
  make_target "$1" >"$work/out" 2>&1 && return 1
  cat "$work/out"
  same_text 1 "$(wc -l <"$work/out")" &&
    grep 'the tests need Check: install check' "$work/out"
}

for target in check check-unit check-vm check-packages; do
  ok "make $target" says_so "$target"
done
ok 'make all' make_target all
done_testing
