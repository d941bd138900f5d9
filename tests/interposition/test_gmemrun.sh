#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# gmemrun: options, exit statuses, signals, and what --stats says.
# shellcheck disable=SC2016  # the commands' own shells expand
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
export TMPDIR=$work
gmemrun=$GMEM_BUILDDIR/gmemrun

# status_is EXPECTED COMMAND...
status_is() {
  local expected=$1 status=0
  shift
  "$@" >"$work/out" 2>"$work/err" || status=$?
  cat "$work/err"
  same_text "$expected" "$status"
}

out_of() { "$@" 2>/dev/null; }
# shellcheck disable=SC2069  # standard error alone is meant
err_of() { "$@" 2>&1 >/dev/null; }
says() { grep -qE -- "$1" "$2"; }

# Whether a process maps the library, seen from within.
maps=(grep -q libgmem /proc/self/maps)

status_is 0 "$gmemrun" --help >/dev/null
ok '--help says how to use it' says '^usage: gmemrun' "$work/out"
is "gmemrun $("$GMEM_BUILDDIR/config.status" --version |
  sed -n 's/^libgmem config.status //p')" "$("$gmemrun" --version)" '--version'
ok 'no command: 125' status_is 125 "$gmemrun"
for node in 1023 99999999999 -1 '' 0x 1.5; do
  ok "--node '$node': 125" status_is 125 "$gmemrun" --node "$node" true
done
ok '--node reaches the command' test heap_node:0 = \
  "$(out_of env -u GMEM_CONF "$gmemrun" --node 0 printenv GMEM_CONF)"
ok '--node keeps what the user set' test log:info,heap_node:0 = \
  "$(out_of env GMEM_CONF=log:info "$gmemrun" --node 0 printenv GMEM_CONF)"
ok 'unknown option: 125' status_is 125 "$gmemrun" --unknown true
for mode in '' --stats --plain '--stats --plain'; do
  # shellcheck disable=SC2086  # options
  {
    ok "not found: 127 ($mode)" status_is 127 "$gmemrun" $mode "$work/none"
    ok "not executable: 126 ($mode)" status_is 126 "$gmemrun" $mode "$work"
    ok "the command's own status ($mode)" \
      status_is 42 "$gmemrun" $mode sh -c 'exit 42'
    ok "ends by the command's signal ($mode)" \
      status_is 143 "$gmemrun" $mode sh -c 'kill -TERM $$'
    is 'a b  c' "$(out_of "$gmemrun" $mode -- printf '%s' 'a b  c')" \
      "arguments are left alone ($mode)"
    is input "$(echo input | out_of "$gmemrun" $mode cat)" \
      "standard input is the command's ($mode)"
  }
done

ok 'the library is in' "$gmemrun" "${maps[@]}"
ok 'and out with --plain' not "$gmemrun" --plain "${maps[@]}"
ok "options after the command are the command's" \
  status_is 0 "$gmemrun" sh -c '[ "$1" = --stats ]' sh --stats
is "$$" "$(bash -c 'exec '"'$gmemrun'"' sh -c "echo \$PPID"')" \
  'without --stats it becomes the command'

cp "$GMEM_LIBRARY" "$work/other.so"
is "$GMEM_LIBRARY:$work/other.so" \
  "$(LD_PRELOAD=$work/other.so "$gmemrun" sh -c 'echo "$LD_PRELOAD"')" \
  'LD_PRELOAD is kept, behind ours'
ok 'GMEM_LIBRARY names another' \
  env GMEM_LIBRARY="$work/other.so" "$gmemrun" grep -q other.so /proc/self/maps
ok 'GMEM_LIBRARY that is not there: 125' \
  status_is 125 env GMEM_LIBRARY="$work/none.so" "$gmemrun" true
mkdir "$work/with blank"
cp "$GMEM_LIBRARY" "$work/with blank/"
ok 'a path that LD_PRELOAD cannot name: 125' \
  status_is 125 env GMEM_LIBRARY="$work/with blank/${GMEM_LIBRARY##*/}" \
  "$gmemrun" true
ok 'the library of its own build tree' \
  env -u GMEM_LIBRARY "$gmemrun" "${maps[@]}"

# --stats
allocate='x=$(printf "%01000000d" 1); echo ${#x}'
is 1000000 "$(out_of "$gmemrun" --stats sh -c "$allocate")" \
  'standard output is untouched'
# bash, as some other shells leave by _exit, which runs no destructor.
err_of "$gmemrun" --stats bash -c "$allocate" >"$work/err"
for figure in 'wall time +[0-9.]+ s' 'user time' 'system time' \
  'page faults +[1-9][0-9]*,' 'peak resident +[0-9.]+ MiB' \
  'libgmem in process [0-9]+, bash:' 'prefetched +0.0 MiB in 0 calls, 0 errors' \
  'heap, mapped +[1-9][0-9.]+ MiB'; do
  ok "--stats says: $figure" says "$figure" "$work/err"
done
err_of "$gmemrun" --stats bash -c 'sort /dev/null; sort /dev/null; :' >"$work/err"
is 3 "$(grep -c '^libgmem in process' "$work/err")" \
  'one block for each process that reported'
err_of "$gmemrun" --stats bash -c \
  'for i in {1..15}; do sort /dev/null; done; :' >"$work/err"
ok 'the many small ones are summed up' says '^6 more processes' "$work/err"
err_of "$gmemrun" --stats sh -c 'kill -9 $$' >"$work/err"
ok 'a command that could not report: why' \
  says 'no report: ended by signal 9' "$work/err"
err_of "$gmemrun" --stats --plain true >"$work/err"
ok '--plain is measured' says 'wall time' "$work/err"
ok '--plain has no report of libgmem' not says 'libgmem in' "$work/err"
is "log:warn,stats:$work" \
  "$(GMEM_CONF=log:warn out_of "$gmemrun" --stats sh -c 'echo "${GMEM_CONF%/gmemrun*}"')" \
  'GMEM_CONF is kept'
ok 'nothing is left behind' not compgen -G "$work/gmemrun.*"

# Signals while the command runs.
forwards() {
  local signal=$1 expected=$2 pid
  rm -f "$work/ready"
  # Whoever started this may have them ignored, which is inherited.
  env --default-signal=TERM,HUP,USR1 "$gmemrun" --stats bash -c '
    trap "echo heard >\"$0\"; exit 9" TERM HUP USR1 INT
    touch "$1"
    for ((i = 0; i < 600; i++)); do sleep 0.05; done' \
    "$work/heard" "$work/ready" 2>/dev/null &
  pid=$!
  until [ -e "$work/ready" ]; do sleep 0.02; done
  rm -f "$work/heard"
  kill -s "$signal" "$pid"
  wait "$pid"
  same_text "$expected" "$?" && same_text heard "$(cat "$work/heard")"
}
# INT is left out: a shell starts its background commands with it ignored.
for signal in TERM HUP USR1; do
  ok "$signal reaches the command" forwards "$signal" 9
done
done_testing
