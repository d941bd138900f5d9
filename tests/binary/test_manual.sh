#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The manual pages: what the formatters and the indexer think of them.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"

finds_nothing() {
  local said
  said=$("$@" 2>&1)
  [ -z "$said" ] || { printf '%s\n' "$said"; return 1; }
}

# A page that is another name of one holds a single request.
for page in "$GMEM_SRCDIR"/man/*.[1-8]; do
  name=${page##*/}
  if grep -q '^\.so ' "$page"; then
    ok "$name: is a name of a page" \
      grep -q "^${name%.*}, \|, ${name%.*}[, ]" \
      "$GMEM_SRCDIR/man/$(sed -n 's/^\.so man3\///p' "$page")"
    continue
  fi
  if command -v mandoc >/dev/null; then
    ok "$name: mandoc finds nothing" finds_nothing mandoc -T lint "$page"
  else
    skip "$name: mandoc finds nothing" 'mandoc is missing'
  fi
  if command -v groff >/dev/null; then
    ok "$name: groff warns of nothing" \
      finds_nothing groff -t -man -ww -z -Tutf8 "$page"
  else
    skip "$name: groff warns of nothing" 'groff is missing'
  fi
  if command -v lexgrog >/dev/null; then
    ok "$name: lexgrog finds its name" lexgrog "$page"
  else
    skip "$name: lexgrog finds its name" 'lexgrog is missing'
  fi
done

# The sections, in the order of man-pages(7); in pages about calls, all those that
# a reader counts on.  Where nothing can fail, ERRORS says so.
order='NAME|LIBRARY|SYNOPSIS|DESCRIPTION|OPTIONS|EXIT STATUS|RETURN VALUE|ERRORS|ENVIRONMENT|FILES|ATTRIBUTES|STANDARDS|HISTORY|NOTES|CAVEATS|EXAMPLES|SEE ALSO'
needed='NAME LIBRARY SYNOPSIS DESCRIPTION RETURN_VALUE ERRORS ATTRIBUTES
STANDARDS|HISTORY NOTES|CAVEATS EXAMPLES SEE_ALSO'
sections() { sed -n 's/^\.SH //p' "$1"; }
in_order() { tr '|' '\n' <<<"$order" | grep -xF "$(sections "$1")"; }
lacks() {
  local section
  for section in $needed; do
    sections "$1" | tr ' ' _ | grep -qxE "$section" || echo "$section"
  done
}
for page in "$GMEM_SRCDIR"/man/*.[1-8]; do
  name=${page##*/}
  ! grep -q '^\.so ' "$page" || continue
  is "$(in_order "$page")" "$(sections "$page")" "$name: sections in order"
  [[ $name != gmem*.3 ]] || is '' "$(lacks "$page")" "$name: lacks no section"
done

# Each call that the header declares has a page.
while read -r call; do
  ok "$call has a page" test -f "$GMEM_SRCDIR/man/$call.3"
done < <(grep -oE '\bgmem[A-Z][A-Za-z]*\(' "$GMEM_SRCDIR/include/libgmem.h" |
  tr -d '(' | sort -u)

# Each key that the library reads is explained.
while read -r key; do
  ok "libgmem(7) explains conf $key" \
    grep -qE "^\.(BI|BR) $key:" "$GMEM_SRCDIR/man/libgmem.7"
done < <(grep -oE '\{"[a-z_]+", set_' "$GMEM_SRCDIR/src/core/conf.cc" |
  cut -d'"' -f2)

done_testing
