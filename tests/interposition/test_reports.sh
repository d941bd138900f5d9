#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# conf stats:FILE and gmemrun --stats: programs that shut themselves off are
# counted, and a report that nobody takes changes nothing.
# shellcheck disable=SC2016  # the commands' own shells expand
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
export TMPDIR=$work
gmemrun=$GMEM_BUILDDIR/gmemrun
sandboxed=$GMEM_BUILDDIR/tests/interposition/sandboxed
report=$work/report

# reported CONF COMMAND...: on the heap, with this conf; 124 where it hangs.
reported() {
  local conf=$1
  shift
  timeout 20 env LD_PRELOAD="$GMEM_LIBRARY" GMEM_CONF="$conf" "$@"
}
ends_with() {
  local expected=$1 status=0
  shift
  "$@" || status=$?
  same_text "$expected" "$status"
}
reports() { same_text "$1" "$(grep -c "command=$2 .*heap_allocated" "$report")"; }

"$sandboxed" landlock none
if [ $? = 77 ]; then
  skip 'in a Landlock sandbox' 'the kernel has no Landlock'
  skip 'gmemrun --stats in a sandbox' 'the kernel has no Landlock'
else
  ok 'in a Landlock sandbox' \
    reported "stats:$report" "$sandboxed" landlock none
  ok 'it is counted' reports 1 sandboxed
  "$gmemrun" --stats "$sandboxed" landlock none 2>"$work/err"
  ok 'gmemrun --stats in a sandbox' grep '^  heap, mapped' "$work/err"
fi

for way in close reuse; do
  rm -f "$report" "$work/data"
  ok "descriptors are taken away ($way)" \
    reported "stats:$report" "$sandboxed" "$way" "$work/data"
  ok "it is counted all the same ($way)" reports 1 sandboxed
  is '' "$(cat "$work/data")" "the program's own file is left alone ($way)"
done

# An opened file keeps to a high number, and is no command's.
few_descriptors() {
  ulimit -n 20
  reported "stats:$report" bash -c ':'
}
rm -f "$report"
ok 'with few descriptors' few_descriptors
ok 'it is counted' reports 1 bash
numbers='for fd in /proc/$$/fd/*; do n=${fd##*/}; t=$(readlink "$fd")
  [[ $t != */report ]] || echo "$((n >= 1000))"; done'
is 1 "$(reported "stats:$report" bash -c "$numbers")" 'a high number'
is '' "$(reported "stats:$report" env -u LD_PRELOAD bash -c "$numbers")" \
  'a command that is not on the heap does not have it'

mkfifo "$work/fifo"
ok 'a pipe without a reader' \
  ends_with 0 reported "stats:$work/fifo" true
fill_pipe='dd if=/dev/zero of=/dev/fd/8 bs=4096 oflag=nonblock count=1000 2>/dev/null; :'
full_stderr() {
  mkfifo "$work/full"
  exec 8<>"$work/full"
  reported stats:stderr bash -c "$fill_pipe" 2>&8
  local status=$?
  exec 8>&-
  return "$status"
}
ok 'a standard error that is full' full_stderr
closed_stderr() {
  { reported stats:stderr bash -c 'sleep 0.3; exit 5'; echo $? >"$work/status"; } \
    2> >(:)
  same_text 5 "$(cat "$work/status")"
}
ok 'a standard error that nobody reads' closed_stderr
too_long() {
  printf '%01024d' 0 >"$work/long"
  (ulimit -f 1; reported "stats:$work/long" bash -c 'exit 6' >/dev/null)
}
ok 'a file at the limit of its size' ends_with 6 too_long

# gmemrun
closed_gmemrun() {
  { "$gmemrun" --stats sh -c 'sleep 0.3; exit 7'; echo $? >"$work/status"; } \
    2> >(:)
  same_text 7 "$(cat "$work/status")"
}
ok 'gmemrun --stats that nobody reads ends as the command' closed_gmemrun
gone() {
  local i
  for ((i = 0; i < 200; i++)); do
    compgen -G "$work/gmemrun.*" >/dev/null || return 0
    sleep 0.02
  done
  return 1
}
ok 'and leaves no directory' gone
killed() {
  local pid
  "$gmemrun" --stats bash -c 'touch "$0"; sleep 2' "$work/ready" &
  pid=$!
  until [ -e "$work/ready" ]; do sleep 0.02; done
  compgen -G "$work/gmemrun.*" >/dev/null || return
  kill -KILL "$pid"
  gone
}
ok 'nor does one that is killed' killed

for command in gmeminfo 'gmeminfo --json' 'gmeminfo --help' \
  'gmeminfo --version' 'gmemrun --help' 'gmemrun --version'; do
  # shellcheck disable=SC2086  # a tool and its option
  ok "$command: what cannot be written is a failure" \
    not eval "\"$GMEM_BUILDDIR/\"$command >/dev/full"
done
without_proc() {
  unshare --mount sh -c 'mount -t tmpfs none /proc && "$0"' \
    "$GMEM_BUILDDIR/gmeminfo" >"$work/out" && ! grep 'not allowed' "$work/out"
}
if unshare --mount mount -t tmpfs none /proc 2>/dev/null; then
  ok 'gmeminfo without /proc: the node in use is allowed' without_proc
else
  skip 'gmeminfo without /proc' 'nothing can be mounted here'
fi
done_testing
