# SPDX-License-Identifier: MulanPSL-2.0
# Reads the lists "workloads" and "aims" and the measurements that run writes,
# for the awk programs that follow on the command line:
#   round,workload,allocator,wall_s,cpu_s,peak_kib,idle_kib
# where a field that was not measured is empty.

function trim(text) {
  gsub(/^[ \t]+|[ \t]+$/, "", text)
  return text
}

# In order.
function add(key, value,    at) {
  at = ++samples[key]
  while (at > 1 && sorted[key, at - 1] > value) {
    sorted[key, at] = sorted[key, at - 1]
    --at
  }
  sorted[key, at] = value
}

function key_of(workload, allocator, measure) {
  return workload SUBSEP allocator SUBSEP measure
}

function measured(key) { return samples[key] > 0 }
function minimum(key) { return sorted[key, 1] }
function maximum(key) { return sorted[key, samples[key]] }

function median(key,    n) {
  n = samples[key]
  return n % 2 ? sorted[key, (n + 1) / 2] \
               : (sorted[key, n / 2] + sorted[key, n / 2 + 1]) / 2
}

function statistic(key, which) {
  return which == "min" ? minimum(key) : median(key)
}

# Ours divided by another's; 0 where one of them was not measured.
function ratio(workload, other, measure, which,    ours, theirs) {
  ours = key_of(workload, "libgmem", measure)
  theirs = key_of(workload, other, measure)
  if (!measured(ours) || !measured(theirs)) return 0
  if (statistic(theirs, which) <= 0) return 0
  return statistic(ours, which) / statistic(theirs, which)
}

function counts_in(workload, row) {
  return row == "all" || index(" " rows_of[workload] " ", " " row " ") > 0
}

# Of the ratios of all workloads that count in a row; 0 where there is none.
# Leaves in mean_of how many these were.
function geometric_mean(row, other, measure, which,    w, one, sum) {
  mean_of = 0
  for (w = 1; w <= workload_count; ++w) {
    if (!counts_in(workloads[w], row)) continue
    one = ratio(workloads[w], other, measure, which)
    if (one <= 0) continue
    sum += log(one)
    ++mean_of
  }
  return mean_of ? exp(sum / mean_of) : 0
}

function read_workload(    field) {
  split($0, field, "|")
  workloads[++workload_count] = trim(field[1])
  rows_of[trim(field[1])] = trim(field[5])
}

function read_aim(    field, part, i, n) {
  n = split($0, field, "|")
  ++aim_count
  aim_row[aim_count] = trim(field[1])
  aim_measure[aim_count] = trim(field[2])
  aim_title[aim_count] = trim(field[3])
  for (i = 4; i <= n; ++i) {
    split(trim(field[i]), part, " ")
    aim[aim_count, part[1]] = part[2]
  }
}

function read_measurement(    field, i) {
  split($0, field, ",")
  if (!(field[3] in seen_allocator)) {
    seen_allocator[field[3]] = 1
    allocators[++allocator_count] = field[3]
  }
  seen_workload[field[2]] = 1
  for (i = 1; i <= measure_count; ++i)
    if (field[i + 3] != "")
      add(key_of(field[2], field[3], measures[i]), field[i + 3] + 0)
}

BEGIN { measure_count = split("wall cpu peak idle", measures, " ") }

FNR == 1 { ++file }
/^#/ || /^$/ || /^round,/ { next }
file == 1 { read_workload(); next }
file == 2 { read_aim(); next }
{ read_measurement() }
