# SPDX-License-Identifier: MulanPSL-2.0
# Prints the table; follows statistics.awk.  A column "/NAME" has libgmem's
# median divided by that of NAME.

function title_of(measure) {
  if (measure == "wall") return "wall time, s"
  if (measure == "cpu") return "CPU time of all threads, s"
  if (measure == "peak") return "peak RSS, MiB"
  return "RSS after what was freed and some idle seconds, MiB"
}

function in_unit(measure, value) {
  return measure == "peak" || measure == "idle" ? value / 1024 : value
}

function shown(measure, value) {
  value = in_unit(measure, value)
  return sprintf(value < 10 ? "%.3f" : value < 100 ? "%.2f" : "%.1f", value)
}

function shown_ratio(value) { return value > 0 ? sprintf("%.3f", value) : "-" }

function print_measure(measure,    w, a) {
  printf "\n%s: median (range)\n%-18s", title_of(measure), ""
  for (a = 1; a <= allocator_count; ++a) printf " %-23s", allocators[a]
  for (a = 1; a <= allocator_count; ++a)
    if (allocators[a] != "libgmem") printf " %9s", "/" allocators[a]
  printf "\n"
  for (w = 1; w <= workload_count; ++w)
    if (measured(key_of(workloads[w], "libgmem", measure)))
      print_workload(workloads[w], measure)
}

function print_workload(workload, measure,    a, key) {
  printf "  %-16s", workload
  for (a = 1; a <= allocator_count; ++a) {
    key = key_of(workload, allocators[a], measure)
    printf " %-23s", measured(key) ? range(measure, key) : "-"
  }
  for (a = 1; a <= allocator_count; ++a)
    if (allocators[a] != "libgmem")
      printf " %9s", shown_ratio(ratio(workload, allocators[a], measure))
  printf "\n"
}

function range(measure, key) {
  return sprintf("%s (%s-%s)", shown(measure, median(key)),
                 shown(measure, minimum(key)), shown(measure, maximum(key)))
}

# Of the medians and, for it tells more where the machine was busy, of the
# minima.
function print_aims(    i, a, other) {
  printf "\n%-36s %-10s %9s %9s %6s  %-5s %s\n", "libgmem, geometric means",
         "against", "of median", "of minima", "aim", "", "workloads"
  for (i = 1; i <= aim_count; ++i)
    for (a = 1; a <= allocator_count; ++a) {
      other = allocators[a]
      if (other != "libgmem") print_aim(i, other)
    }
}

function print_aim(i, other,    of_medians, of_minima, wanted, count) {
  of_minima = geometric_mean(aim_row[i], other, aim_measure[i], "min")
  of_medians = geometric_mean(aim_row[i], other, aim_measure[i], "median")
  count = mean_of
  wanted = (i, other) in aim ? aim[i, other] : "-"
  printf "%-36s %-10s %9s %9s %6s  %-5s %d\n", aim_title[i], other,
         shown_ratio(of_medians), shown_ratio(of_minima), wanted,
         verdict(of_medians, wanted), count
}

function verdict(value, wanted) {
  if (wanted == "-" || value <= 0) return ""
  return value <= wanted + 0 ? "met" : "not"
}

END {
  for (m = 1; m <= measure_count; ++m) print_measure(measures[m])
  print_aims()
}
