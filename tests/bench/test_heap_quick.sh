#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The smallest run of `make bench-heap`: every workload on every allocator that
# is here, and all rows of the table.
srcdir=${GMEM_SRCDIR:?make check sets it}
build=${GMEM_BUILDDIR:?make check sets it}
# shellcheck source=tests/interposition/tap.sh
. "$srcdir/tests/interposition/tap.sh"

csv=$work/bench-heap.csv
table=$work/bench-heap.txt
ok 'a quick run comes to its end' \
  env QUICK=1 bash "$srcdir/bench/heap/run" "$build" "$work"

names() { sed -n 's/^\([a-z][^ |]*\) *|.*/\1/p' "$srcdir/bench/heap/workloads"; }
left_out() { grep -q "left out: $1," "$table"; }
measurements() { grep -cE "^[0-9]+,$1,$2,[0-9.]+,[0-9.]+,[1-9]" "$csv"; }
in_table() { grep -qE "^  ${1//+/\\+} " "$table"; }

while read -r name; do
  if left_out "$name"; then
    skip "$name" 'its program is not on this machine'
    continue
  fi
  pattern=${name//+/\\+}
  for allocator in libgmem glibc; do
    is 1 "$(measurements "$pattern" "$allocator")" "$name on $allocator"
  done
  ok "$name has its row" in_table "$name"
done < <(names)

for allocator in jemalloc mimalloc tcmalloc; do
  ok "$allocator is measured or said to be missing" \
    grep -qE "left out: $allocator,|^time, all workloads +$allocator +[0-9]" \
    "$table"
done
while IFS='|' read -r _ _ title _; do
  title=$(echo "$title" | sed 's/^ *//; s/ *$//')
  ok "the aim \"$title\" has its row" \
    grep -qE "^$title +glibc +[0-9]" "$table"
done < <(grep -v '^#' "$srcdir/bench/heap/aims")

refuses_another_malloc() {
  ! "$build/bench/heap/workload" pair_16 libgmem 0.001 0 0 </dev/null
}
ok 'a preload that was not heard is not measured' refuses_another_malloc
done_testing
