#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Medians, ratios and geometric means of made-up measurements.
srcdir=${GMEM_SRCDIR:?make check sets it}
# shellcheck source=tests/interposition/tap.sh
. "$srcdir/tests/interposition/tap.sh"

cat >"$work/workloads" <<'EOF'
# a comment
one | workload | 0 | 2 | small peak
two | workload | 0 | 2 | small
three | command | 0 | 2 | peak
EOF
cat >"$work/aims" <<'EOF'
all   | wall | time, all    | glibc 2.83
small | wall | time, small  | glibc 1.40
peak  | peak | peak RSS     | glibc 1.10
idle  | idle | nothing here | glibc 1.00
EOF
# Ratios of the medians: one 2 (even count), two 1 (odd), three 8.
cat >"$work/csv" <<'EOF'
round,workload,allocator,wall_s,cpu_s,peak_kib,idle_kib
0,one,libgmem,9,1,1024,
0,one,glibc,2,1,1024,
1,one,libgmem,3,1,1024,
1,one,glibc,4,1,1024,
0,two,libgmem,10,1,1,2048
0,two,glibc,7,1,1,1024
1,two,libgmem,2,1,1,2048
1,two,glibc,5,1,1,1024
2,two,libgmem,5,1,1,2048
2,two,glibc,1,1,1,1024
0,three,libgmem,16,1,2048,
0,three,glibc,2,1,1024,
EOF

summarise() {
  "${AWK:-awk}" "$@" -f "$srcdir/bench/heap/statistics.awk" \
    -f "$srcdir/bench/heap/$program.awk" \
    "$work/workloads" "$work/aims" "$work/csv"
}
program=table
summarise >"$work/table"
said() { grep -qE "$1" "$work/table" || { cat "$work/table"; return 1; }; }

ok 'the median of an even number is the mean of the middle two' \
  said '^  one +6\.000 \(3\.000-9\.000\) +3\.000 \(2\.000-4\.000\) +2\.000$'
ok 'the median of an odd number is the middle one, numbers in order' \
  said '^  two +5\.000 \(2\.000-10\.00\) +5\.000 \(1\.000-7\.000\) +1\.000$'
ok 'memory is in MiB' said '^  three +2\.000 \(2\.000-2\.000\) +1\.000 '
# The cube root of 2 * 1 * 8 is 2.520, that of the minima's 1.5 * 2 * 8 2.884.
ok 'the geometric mean of all, of medians and of minima; an aim met' \
  said '^time, all +glibc +2\.520 +2\.884 +2\.83 +met +3$'
ok 'a row has its own workloads alone; an aim missed' \
  said '^time, small +glibc +1\.414 +1\.732 +1\.40 +not +2$'
ok 'a row of peaks has the peaks' \
  said '^peak RSS +glibc +1\.414 +1\.414 +1\.10 +not +2$'
ok 'what was not measured has no ratio and no verdict' \
  said '^nothing here +glibc +- +- +1\.00 +0$'
ok 'idle memory is a table of its own' \
  said '^  two +2\.000 \(2\.000-2\.000\) +1\.000 \(1\.000-1\.000\) +2\.000$'

program=chart
summarise -v chosen=wall >"$work/table"
ok 'a chart has medians and ranges, divided by the median of glibc' \
  said '^0\.93 one 2\.0000 1\.0000 3\.0000$'
ok 'glibc is at 1' said '^3\.07 three 1\.0000 1\.0000 1\.0000$'
done_testing
