#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Whatever the kernel answers, a call returns what libgmem.h promises of it:
# every call, with each system call failing by each of these numbers.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

# The names of the numbers that programs are compiled with here.
number_of() {
  printf '#include <errno.h>\n%s\n' "$1" | ${CC:?} -E -P - | tail -n 1
}

# What is promised, "CALL NUMBER"; what is queued may give its error to who
# waits for it.
awk -f "$GMEM_SRCDIR/tests/binary/errors/promised.awk" \
  "$GMEM_SRCDIR/include/libgmem.h" >"$work/promised"
while read -r call code _; do
  number=$(number_of "$code")
  echo "$call $number"
  case $call in
    gmemPrefetch | gmemFreeEager)
      echo "gmemStreamSynchronize $number"
      echo "gmemStreamDestroy $number"
      ;;
  esac
done <"$work/promised" | sort -u >"$work/numbers"

keeps_promises() {
  local status=0
  GMEM_CONF=$1 "$GMEM_BUILDDIR/tests/contract/failing_calls" "$2" \
    >"$work/met" || status=$?
  [ "$status" = 0 ] || return "$status"
  sed 's/^\(gmem[A-Za-z]*\) [a-z]* \([0-9]\)/\1 \2/' "$work/met" |
    grep -v -F -f <(sed 's/$/ #/' "$work/numbers") >"$work/broken"
  cat "$work/broken"
  [ -s "$work/met" ] && [ ! -s "$work/broken" ]
}

GMEM_CONF='' "$GMEM_BUILDDIR/tests/contract/failing_calls" 1 >/dev/null
[ $? = 77 ] && skip_all 'no filter of system calls can be set'
for code in EPERM EINTR EIO ESRCH EFAULT EBUSY EISDIR ENOSYS; do
  ok "$code" keeps_promises '' "$(number_of "$code")"
done
done_testing
