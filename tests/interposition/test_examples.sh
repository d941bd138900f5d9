#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The examples run and say what they should; the first stands in README.md.
# shellcheck disable=SC2016  # awk expands
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
examples=$GMEM_BUILDDIR/examples

c_block_of_readme() {
  awk '$0 == "```c" { inside = 1; next }
    inside && /^```/ { exit }
    inside' "$GMEM_SRCDIR/README.md"
}
ok 'README.md holds first_program.c word for word' \
  diff <(c_block_of_readme) "$GMEM_SRCDIR/examples/first_program.c"

says() { grep -qE -- "$1" "$work/out"; }
run() { "$@" >"$work/out"; }

ok 'first_program runs' run "$examples/first_program"
ok 'it prefetched' says '^prefetched: success$'
ok 'the memory is there' says "^resident: success, $((64 << 21)) bytes$"
ok 'stream runs' run "$examples/stream"
ok 'it did all parts' says '^8 parts done'
ok 'prefetch_compute_free runs' run "$examples/prefetch_compute_free" 32
ok 'it measured both ways' says '^with prefetch$'
# Eager free leaves at most the two pages at the edges.
ok 'what was prefetched was freed' \
  awk '/free eagerly/ { last = $NF } END { exit !(last <= 4) }' "$work/out"
done_testing
