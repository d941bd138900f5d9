# SPDX-License-Identifier: MulanPSL-2.0
# Makes the table of the lines that the benchmarks write, whose fields are
# separated by tabs:
#   sample  GROUP  WAY  VALUE
#   ratio   GROUP  TITLE  DIVIDEND  DIVISOR  AIM    of two ways
#   note    GROUP  TEXT
# for groups, which become sections, and
#   cell  ROW  COLUMN  VALUE
#   quotient  COLUMN  COLUMN
#   cells_title  TEXT,  cells_note  TEXT
# for one section with rows and columns.  Everything appears in the order of
# its first line.

BEGIN { FS = "\t" }

function keep(list, count, item, seen) {
  if ((list, item) in seen) return
  seen[list, item] = 1
  ordered[list, ++count[list]] = item
}

# The samples of one way or cell are kept in order.
function add(key, value,    at) {
  at = ++samples[key]
  while (at > 1 && sorted[key, at - 1] > value) {
    sorted[key, at] = sorted[key, at - 1]
    --at
  }
  sorted[key, at] = value
}

$1 == "sample" {
  keep("groups", length_of, $2, seen)
  keep("ways " $2, length_of, $3, seen)
  add($2 SUBSEP $3, $4 + 0)
}
$1 == "ratio" { keep("ratios " $2, length_of, $3 FS $4 FS $5 FS $6, seen) }
$1 == "note" { keep("notes " $2, length_of, $3, seen) }
$1 == "cell" {
  keep("rows", length_of, $2, seen)
  keep("columns", length_of, $3, seen)
  add($2 SUBSEP $3, $4 + 0)
}
$1 == "quotient" { keep("quotients", length_of, $2 FS $3, seen) }
$1 == "cells_title" { cells_title = $2 }
$1 == "cells_note" { keep("cells_notes", length_of, $2, seen) }

function median(key,    n) {
  n = samples[key]
  return n % 2 ? sorted[key, (n + 1) / 2] \
               : (sorted[key, n / 2] + sorted[key, n / 2 + 1]) / 2
}

function minimum(key) { return sorted[key, 1] }

function statistic(key, which) {
  return which == "median" ? median(key) : minimum(key)
}

# Of a way, or of the best among those that begin alike.
function best(group, way, which,    i, n, name, value, found) {
  if (way !~ /\*$/) return statistic(group SUBSEP way, which)
  way = substr(way, 1, length(way) - 1)
  n = length_of["ways " group]
  for (i = 1; i <= n; ++i) {
    name = ordered["ways " group, i]
    if (index(name, way) != 1) continue
    value = statistic(group SUBSEP name, which)
    if (found == "" || value < found) found = value
  }
  return found
}

function print_group(group,    i, n, way, key, field) {
  printf "\n%-52s %10s %10s %8s\n", group, "median", "min", "samples"
  n = length_of["ways " group]
  for (i = 1; i <= n; ++i) {
    way = ordered["ways " group, i]
    key = group SUBSEP way
    printf "  %-50s %10.2f %10.2f %8d\n", way, median(key), minimum(key),
           samples[key]
  }
  n = length_of["ratios " group]
  for (i = 1; i <= n; ++i) {
    split(ordered["ratios " group, i], field, FS)
    printf "  = %-48s %10.3f %10.3f   aim: %s\n", field[1],
           best(group, field[2], "median") / best(group, field[3], "median"),
           best(group, field[2], "min") / best(group, field[3], "min"),
           field[4]
  }
  n = length_of["notes " group]
  for (i = 1; i <= n; ++i) printf "  %s\n", ordered["notes " group, i]
}

function print_cells(which,    r, c, q, row, rows, columns, quotients, field) {
  rows = length_of["rows"]
  columns = length_of["columns"]
  quotients = length_of["quotients"]
  printf "\n%-20s", which
  for (c = 1; c <= columns; ++c) printf " %9s", ordered["columns", c]
  for (q = 1; q <= quotients; ++q) {
    split(ordered["quotients", q], field, FS)
    printf " %17s", field[1] "/" field[2]
  }
  printf "\n"
  for (r = 1; r <= rows; ++r) {
    row = ordered["rows", r]
    printf "  %-18s", row
    for (c = 1; c <= columns; ++c)
      printf " %9.2f", statistic(row SUBSEP ordered["columns", c], which)
    for (q = 1; q <= quotients; ++q) {
      split(ordered["quotients", q], field, FS)
      printf " %17s", quotient(row, field[1], field[2], which)
    }
    printf "\n"
  }
}

# "-" where one of them was not measured.
function quotient(row, dividend, divisor, which) {
  dividend = row SUBSEP dividend
  divisor = row SUBSEP divisor
  if (!(dividend in samples) || !(divisor in samples)) return "-"
  return sprintf("%.3f", statistic(dividend, which) / statistic(divisor, which))
}

END {
  for (g = 1; g <= length_of["groups"]; ++g) print_group(ordered["groups", g])
  if (length_of["rows"] == 0) exit
  printf "\n%s\n", cells_title
  print_cells("median")
  print_cells("min")
  for (i = 1; i <= length_of["cells_notes"]; ++i)
    printf "  %s\n", ordered["cells_notes", i]
}
