# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# Numbered steps with a log each, for scripts that take minutes.  Sourced;
# the script sets steps_total and steps_logs (a directory) first.

step_number=0
step_heartbeat=

trap '[ -z "$step_heartbeat" ] || kill -KILL "$step_heartbeat" 2>/dev/null' EXIT

elapsed() { printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60)); }

# Says every while that a long step still runs, and where it is.
heartbeat() {
  local never
  exec {never}<> <(:)  # a pipe that nobody writes to: a sleep that can be ended
  until read -rt 15 -u "$never"; do
    printf '        %s  %s\n' "$(elapsed)" "$(tail -n 1 "$1" | cut -c 1-70)"
  done
}

# step NAME ADVICE COMMAND...: runs the command with its output in a log; where
# it fails, shows the log's end and the advice.  A function among the commands
# must return its failures: bash ignores set -e below a tested command.
step() {
  local name=$1 advice=$2 status=0 log
  shift 2
  step_number=$((step_number + 1))
  log=${steps_logs:?}/$(printf '%02d' "$step_number")-${name//[^a-z0-9]/-}.log
  mkdir -p "$steps_logs"
  printf '[%d/%d %s] %s\n' "$step_number" "${steps_total:?}" "$(elapsed)" "$name"
  : >"$log"
  heartbeat "$log" &
  step_heartbeat=$!
  disown  # so that bash does not report its end
  "$@" >>"$log" 2>&1 || status=$?
  # Not TERM: bash has a handler for it, which speaks up in so young a child.
  kill -KILL "$step_heartbeat" 2>/dev/null || true
  step_heartbeat=
  [ "$status" = 0 ] && return

  {
    echo "--- the end of $log:"
    tail -n 40 "$log"
    echo "--- failed: $name (status $status)"
    echo "    $advice"
  } >&2
  return "$status"
}
