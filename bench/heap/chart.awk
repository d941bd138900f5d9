# SPDX-License-Identifier: MulanPSL-2.0
# Writes the data of a chart for charts.gnuplot; follows statistics.awk.
# -v chosen=MEASURE picks wall, cpu, peak or idle.  For each allocator a block:
# place of the workload, its name, and median, minimum and maximum, divided by
# the median of glibc.

function print_block(allocator, offset,    w, key, base, place) {
  printf "\"%s\"\n", allocator
  for (w = 1; w <= workload_count; ++w) {
    base = key_of(workloads[w], "glibc", chosen)
    if (!measured(base) || median(base) <= 0) continue
    ++place
    key = key_of(workloads[w], allocator, chosen)
    if (!measured(key)) continue
    printf "%.2f %s %.4f %.4f %.4f\n", place + offset, workloads[w],
           median(key) / median(base), minimum(key) / median(base),
           maximum(key) / median(base)
  }
  printf "\n\n"
}

END {
  for (a = 1; a <= allocator_count; ++a)
    print_block(allocators[a], (a - (allocator_count + 1) / 2) * 0.14)
}
