#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The double of the GMEM kernel under whole programs, with libgmem as their
# malloc and without.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
doubles=$GMEM_BUILDDIR/tests/doubles
double=$doubles/.libs/libgmem_kernel_double.so

# under OPTIONS COMMAND...
under() {
  local options=$1
  shift
  env LD_PRELOAD="${heap:+$heap:}$double" GMEM_KERNEL_DOUBLE="$options" "$@"
}
says() {
  local expected=$1 options=$2
  shift 2
  same_text "$expected" "$(under "$options" "$doubles/use_gmem" "$@" 2>&1)"
}

heap=
reason=$(under on=yes true 2>&1) || skip_all "$reason"

for heap in '' "$GMEM_LIBRARY"; do
  malloc=${heap:+, on the heap of libgmem}
  ok "6.4$malloc" says 'hnid: 4, prefetch: 0, child: 0' \
    generation=6.4,hnid=4 0x8000000
  ok "6.6$malloc" says 'hnid: 4, prefetch: 0, child: 0' \
    generation=6.6,hnid=4 0x1000000
  ok "the newest$malloc" says 'hnid: 4, prefetch: 0, child: 0' \
    generation=newest,hnid=4 0x1000000
  ok "a flag of another generation$malloc" \
    says 'hnid: 4, prefetch: 5, child: 5' generation=newest,hnid=4 0x8000000
  ok "without right$malloc" says 'open: 13' open_error=13 0x1000000
  ok "gmem=off$malloc" says 'hnid: -19' on=no 0x1000000
  ok "without a device$malloc" says 'hnid: -19' attached=no 0x1000000
  ok "too small a device$malloc" \
    says 'hnid: 4, prefetch: -14, child: 242' hnid=4,device_pages=1 0x1000000
  # Shells start programs, which start programs.
  ok "programs that start programs$malloc" \
    under on=yes bash -c "seq 9 | sort | grep -c . && \$(which env) true"
done
is 77 "$(under hnid=four true 2>/dev/null; echo $?)" 'a wrong option'

done_testing
