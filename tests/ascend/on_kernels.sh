# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# Runs a program that is linked with libgmem on doubles of the kernel, which
# must be there before its heap is.  Sourced, after tap.sh.
: "${work:?} ${tap_count:?}"

# run_on KERNEL CONF PROGRAM CASE: the program's tests of the case, each one a
# test of ours.  KERNEL: options of the double, or none; CONF: GMEM_CONF.
run_on() {
  local kernel=$1 conf=$2 program=$3 case=$4 ran=0 failed=0 status=0 line
  local -a environment=("CK_RUN_CASE=$case")
  # Named, as asking for it would be an allocation.
  [ "$kernel" = none ] ||
    environment+=("GMEM_KERNEL_DOUBLE=hnid=40,$kernel")
  [ -z "$conf" ] || environment+=("GMEM_CONF=$conf")
  env "${environment[@]}" "$program" >"$work/said" 2>&1 || status=$?
  if [ "$status" = 77 ]; then
    skip "$case on $kernel" "$(head -n 1 "$work/said")"
    return
  fi
  while IFS= read -r line; do
    case $line in
      'ok '* | 'not ok '*)
        ran=$((ran + 1))
        tap_count=$((tap_count + 1))
        [ "${line%%ok*}" = '' ] || failed=$((failed + 1))
        echo "${line%%ok*}ok $tap_count - $kernel $conf ${line#*ok * - }"
        ;;
      *) echo "# $line" ;;
    esac
  done <"$work/said"
  if [ "$failed" = 0 ]; then
    ok "$case on $kernel $conf ends well" complete "$ran" "$status"
  fi
}

# All tests that the program planned were run.
complete() {
  [ "$2" = 0 ] && [ "$1" -gt 0 ] && grep -qx "1\.\.$1" "$work/said"
}
