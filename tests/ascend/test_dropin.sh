#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The programs of tests/dropin, unchanged, where the ascend device serves: on
# each generation of the kernel's double, and the runtime's.
here=${GMEM_SRCDIR:?make check sets it}/tests
# shellcheck source=tests/interposition/tap.sh
. "$here/interposition/tap.sh"
# shellcheck source=tests/dropin/programs.sh
. "$here/dropin/programs.sh"

double=$GMEM_BUILDDIR/tests/doubles/.libs/libgmem_kernel_double.so
export ASCEND_HOME_PATH=$work/toolkit
bash "$here/doubles/ascendcl/lay-out" "$ASCEND_HOME_PATH" full

# on GENERATION COMMAND...
on() {
  local generation=$1
  shift
  env LD_LIBRARY_PATH="$library_dir" \
    LD_PRELOAD="$library_dir/libgmem.so.0 $double" GMEM_CONF=device:ascend \
    GMEM_KERNEL_DOUBLE="generation=$generation" "$@"
}

mkdir "$work/stand_in"
compile -shared -fPIC -Wl,-soname,libgmem.so.0 "$dropin/stand_in.c" \
  -o "$work/stand_in/libgmem.so"
ok 'the program is linked with the stand-in' \
  compile "$dropin/upstream_program.c" -o "$work/program" \
  -L"$work/stand_in" -lgmem -ldl
ok 'the loader is built' \
  compile "$dropin/framework_loader.c" -o "$work/loader" -pthread -ldl

# As the kernel's headers have it.
peer_shared() { [ "$1" = 6.4 ] && echo 0x8000000 || echo 0x1000000; }

for generation in 6.4 6.6 newest; do
  for step in nothing numa_id prefetch prefetch_untouched free_eager heap \
    errors calls_at_exit; do
    ok "kernel $generation: $step" \
      silently on "$generation" "$work/program" "$step"
  done
  ok "kernel $generation: a framework loads it, in threads" \
    silently on "$generation" "$work/loader" "$(peer_shared "$generation")"
done
done_testing
