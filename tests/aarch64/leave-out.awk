# SPDX-License-Identifier: MulanPSL-2.0
# Reads left-out, then a program's TAP: the tests of the program that the
# former names are skipped where they fail or were not begun.  Exits with 3
# where something failed, and all that failed was named.

FNR == NR && /^[^ #]/ { reason = $0 }
FNR == NR && /^ / && $1 == program { why[$2] = reason }
FNR == NR { next }

# Check says "ok 1 - FILE:GROUP:NAME: Passed".
function name_of(line,  parts) {
  sub(/^(not )?ok [0-9]+ - [^:]*:[^:]*:/, "", line)
  split(line, parts, ":")
  return parts[1]
}

function skip(number, name) {
  print "ok " number " - " name " # SKIP " why[name]
}

/^(not )?ok / {
  count++
  name = name_of($0)
  seen[name] = 1
  if (/^not ok / && name in why) {
    excused++
    skip($3, name)
    next
  }
  if (/^not ok /) failed++
}

# The plan comes last, with those that were not begun.
/^1\.\.[0-9]+$/ {
  planned = substr($0, 4)
  next
}

{ print }

END {
  for (name in why)
    if (!(name in seen) && planned != "") skip(++planned, name)
  if (planned != "") print "1.." planned
  exit excused && !failed ? 3 : 0
}
