# SPDX-License-Identifier: MulanPSL-2.0
# Makes one TAP stream of what a guest's init and its test programs said.
# guest: its name, put before each test; status: QEMU's.  Ends with status 1
# where anything failed, or is missing.

function result(passed, text) {
  count++
  if (!passed) failed = 1
  print (passed ? "ok " : "not ok ") count " - " guest " " text
}

function program_failed(why) {
  result(0, program ": " why)
}

{ sub(/\r$/, "") }

/^#! program / {
  program = $3
  sub(/.*\//, "", program)
  planned = -1
  ran = any_failed = 0
  next
}

/^#! exit / {
  if (planned < 0)
    program_failed("no test ran, status " $3)
  else if (ran != planned)
    program_failed("ran " ran " of " planned " tests, status " $3)
  else if ($3 != 0 && !any_failed)
    program_failed("status " $3 " though all tests passed")
  program = ""
  next
}

/^#! done/ { done = 1; next }

/^1\.\.[0-9]+/ {
  planned = substr($1, 4) + 0
  if (planned == 0) {
    sub(/^1\.\.0[ \t]*/, "")
    result(1, program " " ($0 ~ /^#/ ? $0 : "# SKIP it has no tests"))
  }
  next
}

/^(not )?ok / {
  ran++
  passed = /^ok/
  if (!passed) any_failed = 1
  sub(/^(not )?ok *[0-9]* *-? */, "")
  result(passed, program ": " $0)
  next
}

/^Bail out!/ { program_failed($0); any_failed = 1; next }

/./ { print "# " $0 }

END {
  if (!done || status != 0)
    result(0, (status == 124 || status == 137 ? "reached its time limit" : \
               "ended early, QEMU's status " status) \
              (program == "" ? "" : ", in " program))
  print "1.." count
  exit failed
}
