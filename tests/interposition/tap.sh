# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# Tests in bash that speak TAP.  Sourced; finish with done_testing.
#
# $work is a directory of the test's own, removed at its end.
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tap_count=0

# ok NAME COMMAND...: passes where the command succeeds; what a failing one
# says is shown.
ok() {
  local name=$1 said
  shift
  tap_count=$((tap_count + 1))
  if said=$("$@" 2>&1); then
    echo "ok $tap_count - $name"
  else
    echo "not ok $tap_count - $name"
    printf '# failed: %s\n' "$*"
    printf '%s\n' "$said" | head -n 30 | sed 's/^/# /'
  fi
}

not() { ! "$@"; }

# is EXPECTED ACTUAL NAME
is() { ok "$3" same_text "$1" "$2"; }

same_text() {
  [ "$1" = "$2" ] || {
    printf 'expected: %s\n     got: %s\n' "$1" "$2"
    return 1
  }
}

skip() {
  tap_count=$((tap_count + 1))
  echo "ok $tap_count - $1 # SKIP $2"
}

# For a whole file, before its first test.
skip_all() {
  echo "1..0 # SKIP $1"
  exit 0
}

need_program() {
  command -v "$1" >/dev/null || skip_all "there is no $1 on this machine"
}

# A program that speaks TAP itself, as one test: fails where the program dies,
# or a test of its own does.
passes_tap() {
  "$@" >"$work/tap"
  local status=$?
  cat "$work/tap"
  [ "$status" = 0 ] && ! grep -qE '^(not ok|Bail out)' "$work/tap"
}

done_testing() { echo "1..$tap_count"; }
