#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# What the dynamic loader has a say in when the Ascend runtime is looked for:
# LD_LIBRARY_PATH, and what a runtime itself needs.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

[ ! -e /usr/local/Ascend ] || skip_all 'this machine has a runtime of its own'

lay_out() { "$GMEM_SRCDIR/tests/doubles/ascendcl/lay-out" "$@"; }

# says PATTERN [VARIABLE=VALUE...]: gmeminfo does, on the kernel's double.
says() {
  local pattern=$1 status=0
  shift
  env -u ASCEND_HOME_PATH -u ASCEND_TOOLKIT_HOME HOME="$work/home" "$@" \
    LD_PRELOAD="$GMEM_BUILDDIR/tests/doubles/.libs/libgmem_kernel_double.so" \
    GMEM_KERNEL_DOUBLE=generation=newest \
    "$GMEM_BUILDDIR/gmeminfo" >"$work/out" 2>&1 || status=$?
  cat "$work/out"
  [ "$status" = 0 ] && grep -qE -- "$pattern" "$work/out"
}

in_use='^  ascend +in use, node [0-9]+$'
not_found='^  ascend +not in use: no Ascend runtime .*'
host_serves='^  host +in use'

ok 'nothing anywhere' says "$not_found"
ok 'and the host serves' says "$host_serves"

lay_out "$work/full" full
lay_out "$work/broken" broken
lay_out "$work/other" full lib64 libacl_rt.so
ok 'in LD_LIBRARY_PATH' says "$in_use" LD_LIBRARY_PATH="$work/full/lib64"
ok 'in LD_LIBRARY_PATH, by its other name' \
  says "$in_use" LD_LIBRARY_PATH="$work/other/lib64"
ok 'a broken one in LD_LIBRARY_PATH, and a good one by its other name' \
  says "$in_use" LD_LIBRARY_PATH="$work/broken/lib64:$work/other/lib64"
ok 'a broken one in LD_LIBRARY_PATH, and a good one elsewhere' \
  says "$in_use" LD_LIBRARY_PATH="$work/broken/lib64" \
  ASCEND_HOME_PATH="$work/full"
ok 'a broken one alone' \
  says "${not_found}libascendcl.so lacks aclrtCreateStream" \
  LD_LIBRARY_PATH="$work/broken/lib64"

# One that needs a library which is not there, as without the driver's.
mkdir -p "$work/needy/lib64"
# CC may have options in it.
# shellcheck disable=SC2086
{
  echo 'int gmem_test_driver(void) { return 0; }' |
    $CC -x c -shared -fPIC -o "$work/libdriver_of_test.so" -
  echo 'int gmem_test_driver(void); int x(void) { return gmem_test_driver(); }' |
    $CC -x c -shared -fPIC -o "$work/needy/lib64/libascendcl.so" - \
      "-L$work" -Wl,--no-as-needed -ldriver_of_test
}
rm "$work/libdriver_of_test.so"
ok 'one that lacks a library, and the name of that' \
  says "${not_found}libascendcl.so: libdriver_of_test.so: " \
  ASCEND_HOME_PATH="$work/needy"
ok 'the same, in LD_LIBRARY_PATH' \
  says "${not_found}libascendcl.so: libdriver_of_test.so: " \
  LD_LIBRARY_PATH="$work/needy/lib64"
ok 'one that lacks a library, and a good one' \
  says "$in_use" ASCEND_HOME_PATH="$work/needy" \
  ASCEND_TOOLKIT_HOME="$work/full"
done_testing
