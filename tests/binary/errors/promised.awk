# SPDX-License-Identifier: MulanPSL-2.0
# What libgmem.h promises of errors: for each declared call, in order, the rows
# of the argument table that fit its parameters, then its own errors, as
#     CALL CODE WORD
# where WORD is what a row of the table is about, "-" for an error of its own.

function stop(why) { print "libgmem.h: " why; failed = 1; exit 1 }

# What the row is about in this call, or nothing.
function subject(row, result, parameters) {
  if (row ~ /addr \+ size/) return parameters ~ /unsigned long addr,/ ? "addr" : ""
  if (row ~ /^conf "device:NAME"/)
    return result ~ /^ *int / || parameters ~ /int hnid/ ? "device:NAME" : ""
  if (row ~ /^hnid/) return parameters ~ /int hnid/ ? "hnid" : ""
  if (row ~ /^stream/) return parameters ~ /void \*stream/ ? "stream" : ""
  if (row ~ /through which a result/) {
    if (!match(parameters, /(size_t \*|void \*\*)[a-z]+/)) return ""
    row = substr(parameters, RSTART, RLENGTH)
    sub(/.*\*/, "", row)
    return row
  }
  stop("a row of the argument table that is not known here: " row)
}

function tell(call, code, word) {
  told[code] = 1
  print call, code, word
}

# The errors that a comment lists; or, where it lists none, those that it names
# beside those of its arguments.
function tell_own(call, comment,    lines, words, listed, count, i) {
  count = split(comment, lines, "\n")
  for (i = 1; i <= count; i++)
    if (match(lines[i], /^ \*   -E[A-Z]+/)) {
      listed = 1
      tell(call, substr(lines[i], 7, RLENGTH - 6), "-")
    }
  if (listed) return
  count = split(comment, words, /[^A-Z]+/)
  for (i = 1; i <= count; i++)
    if (words[i] ~ /^E[A-Z][A-Z]+$/ && !(words[i] in told))
      tell(call, words[i], "-")
}

function tell_call(declaration, comment,    call, result, parameters, i, word) {
  call = declaration
  sub(/\(.*/, "", call)
  result = call
  sub(/.*[ *]/, "", call)
  parameters = declaration
  sub(/[^(]*\(/, "", parameters)
  split("", told)
  for (i = 1; i <= rows; i++)
    if (word = subject(row_text[i], result, parameters))
      tell(call, row_code[i], word)
  tell_own(call, comment)
}

/^ \* Argument errors/ { in_table = 1 }
/^#ifndef/ { in_table = 0 }
in_table && $2 ~ /^-E/ {
  row_code[++rows] = substr($2, 2)
  row_text[rows] = $0
  sub(/^ \* +-E[A-Z]+ +/, "", row_text[rows])
}

/^\/\*/ { comment = "" }
/^( \*|\/\*)/ { comment = comment $0 "\n"; next }
/^[a-z].*gmem[A-Z]/ { declaration = "" }
/gmem[A-Z].*\(/ || declaration != "" { declaration = declaration " " $0 }
declaration ~ /;/ { tell_call(declaration, comment); declaration = "" }
END { if (!failed && rows != 5) stop("the argument table has " rows + 0 " rows") }
