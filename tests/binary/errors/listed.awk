# SPDX-License-Identifier: MulanPSL-2.0
# The errors that a manual page lists for one of its calls (-v call=NAME), in
# order, each on a line: CODE TEXT.  A page of several calls names those that
# its next errors are of.

function finish() {
  if (code != "" && ours) print code, text
  code = ""
}

/^\.SH/ { finish(); inside = /ERRORS/; ours = 1; next }
!inside { next }
/^\.TP/ { finish(); in_tags = 1; naming = 0; next }
/^\.P/ { finish(); in_tags = 0; next }
in_tags && /^\.B \\?-?E[A-Z]+/ { code = $2; sub(/^\\?-/, "", code); text = ""; next }
!in_tags && /^\.BR gmem[A-Za-z]+ \(\)/ {
  if (!naming) ours = 0
  naming = 1
  if ($2 == call) ours = 1
  next
}
{ line = $0; sub(/^\.[A-Z]+ /, "", line); text = text " " line }
END { finish() }
