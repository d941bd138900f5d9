# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# Runs the same work without and with libgmem preloaded, and compares.
# Sourced after tap.sh.

: "${GMEM_LIBRARY:?names the library under test}"
report=${work:?}/report

# run_in DIR COMMAND...: in a new directory; leaves output and status beside
# it.
run_in() {
  local directory=$1 status=0
  shift
  mkdir -p "$directory"
  (cd "$directory" && "$@") >"$directory.out" 2>"$directory.err" || status=$?
  echo "$status" >"$directory.status"
}

run_preloaded() {
  local directory=$1
  shift
  LD_PRELOAD=$GMEM_LIBRARY GMEM_CONF=stats:$report run_in "$directory" "$@"
}

same_result() {
  cmp "$1.out" "$2.out" && cmp "$1.status" "$2.status" && cmp "$1.err" "$2.err"
}

succeeded() { [ "$(cat "$1.status")" = 0 ] || { cat "$1.err"; return 1; }; }

on_our_heap() { grep -qE "command=$1[^ ]* .*heap_mapped=[1-9]" "$report"; }

# same NAME PROGRAM COMMAND...: three tests: the work succeeds, its output,
# messages and status are the same in both runs, and PROGRAM (a pattern) had
# its memory from our heap.
same() {
  local name=$1 program=$2
  shift 2
  : >"$report"
  run_in "$work/$name.plain" "$@"
  run_preloaded "$work/$name.gmem" "$@"
  ok "$name: succeeds" succeeded "$work/$name.plain"
  ok "$name: the same output and status" \
    same_result "$work/$name.plain" "$work/$name.gmem"
  ok "$name: the heap is libgmem's" on_our_heap "$program"
}

# same_files NAME FILE...: what the two runs made is the same, byte by byte.
same_files() {
  local name=$1 file
  shift
  for file in "$@"; do
    ok "$name: the same $file" \
      cmp "$work/$name.plain/$file" "$work/$name.gmem/$file"
  done
}
