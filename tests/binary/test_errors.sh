#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# ERRORS of each call's manual page is what libgmem.h promises, in its order.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
errors=$GMEM_SRCDIR/tests/binary/errors
header=$GMEM_SRCDIR/include/libgmem.h

ok 'the errors of libgmem.h can be read' awk -f "$errors/promised.awk" "$header"
awk -f "$errors/promised.awk" "$header" >"$work/promised"

# The page that has the call, or is another name of one that has.
page_of() {
  local page=$GMEM_SRCDIR/man/$1.3 other
  other=$(sed -n 's/^\.so man3\///p' "$page")
  echo "${other:+${page%/*}/}${other:-$page}"
}

codes() { awk '{ print $1 }' "$1" | tr '\n' ' '; }

# Row by row, what the argument's error is about stands in its text.
tells_of_arguments() {
  paste -d '|' "$work/of_header" "$work/of_page" |
    awk -F '|' '{ split($1, promised, " ") }
      promised[2] != "-" && !index($2, promised[2]) {
        print "not about " promised[2] ": " $2; failed = 1
      }
      END { exit failed }'
}

# Only a call that returns an int returns the code, negative.
signs() {
  local sign='\\-'
  grep -q "^int $1(" "$header" || sign=
  ! awk '/^\.SH/ { inside = /ERRORS/ } inside && /^\.B \\?-?E/' "$2" |
    grep -v "^\.B ${sign}E"
}

while read -r call; do
  page=$(page_of "$call")
  sed -n "s/^$call //p" "$work/promised" >"$work/of_header"
  awk -v call="$call" -f "$errors/listed.awk" "$page" >"$work/of_page"
  is "$(codes "$work/of_header")" "$(codes "$work/of_page")" \
    "$call(3): the errors, in order"
  ok "$call(3): the arguments that they are about" tells_of_arguments
  [ ! -s "$work/of_page" ] || ok "$call(3): their sign" signs "$call" "$page"
done < <(grep -oE '\bgmem[A-Z][A-Za-z]*\(' "$header" | tr -d '(' | sort -u)
done_testing
