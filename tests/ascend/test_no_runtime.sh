#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The exported calls on a GMEM kernel (its double) without the Ascend runtime,
# on each generation of it.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

[ ! -e /usr/local/Ascend ] || skip_all 'this machine has a runtime of its own'

double=$GMEM_BUILDDIR/tests/doubles/.libs/libgmem_kernel_double.so

# passes GENERATION SETTING: the case of that name, under that setting.  Under
# the double runs the program alone, not libtool's wrapper of it.
passes() {
  (cd "$GMEM_BUILDDIR" && ./libtool --mode=execute \
    env LD_PRELOAD="$double" GMEM_KERNEL_DOUBLE=generation="$1" \
    GMEM_CONF="$2" CK_RUN_CASE="$2" tests/ascend/no_runtime) >"$work/tap" || {
    cat "$work/tap"
    return 1
  }
  grep -q '^ok 1 ' "$work/tap"
}

for generation in 6.4 6.6 newest; do
  ok "kernel $generation: the host serves" passes "$generation" log:info
  ok "kernel $generation: the device asked for is not there" \
    passes "$generation" device:ascend
done
done_testing
