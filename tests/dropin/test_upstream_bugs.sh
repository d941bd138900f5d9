#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The bugs of openEuler's first libgmem, by the groups of its review: none of
# them is here. Groups 1, 12 and 14 need the device "ascend", and 5 shows only
# in the source; test_upstream_build.sh has 18 and 19.
here=${GMEM_SRCDIR:?make check sets it}/tests
# shellcheck source=tests/interposition/tap.sh
. "$here/interposition/tap.sh"
# shellcheck source=tests/dropin/programs.sh
. "$here/dropin/programs.sh"

need_program nm
preloading() { env LD_PRELOAD="$library_dir/libgmem.so.0" "$@"; }
without_device_file() {
  if [ -e /dev/gmem ]; then
    skip "$1" 'this machine has /dev/gmem'
  else
    ok "$@"
  fi
}

# -fno-builtin: each malloc is a call, whatever the compiler knows of it.
for level in O0 O2; do
  ok "the program is built with -$level" \
    compile "-$level" -fno-builtin -I"$GMEM_SRCDIR/include" \
    "$dropin/bug_program.c" -o "$work/bugs-$level" \
    -L"$library_dir" -lgmem -ldl
done
run() { silently with_library "$work/bugs-O2" "$@"; }

ok 'group 2: errors are negative errno values' run error_codes
ok 'group 2: errno is left alone' run errno_is_kept
ok 'group 3: an asynchronous error is learnt, and not printed' \
  run errors_of_streams
ok 'group 4: a stream that is none is an argument error, and leaks nothing' \
  run invented_streams
ok 'group 6: arguments are checked' run arguments
ok 'group 7: a node is told from an error' run there_is_a_node
ok 'group 7: and an error from a node' \
  silently with_library env GMEM_CONF=device:none "$work/bugs-O2" no_device

ok 'group 8: loading says nothing' run nothing
ok 'group 8: nor in a program that never heard of it' silently preloading true
without_device_file 'group 9: a program ends well without /dev/gmem' \
  run use_all_calls
without_device_file 'group 9: so does one that makes no call' \
  silently preloading true

open_files() { ls /proc/self/fd; }
is "$(open_files)" "$(preloading ls /proc/self/fd)" \
  'group 10: loading opens no file'
ok 'group 10: what the calls open is closed on exec' run descriptors
ok 'group 11: a missing runtime of a device ends no program' \
  silently with_library env GMEM_CONF=device:ascend "$work/bugs-O2" \
  device_or_none

exported=$(nm -D --defined-only "$GMEM_LIBRARY" | awk '{ print $3 }')
for name in handle gmem_fd init_device destory_device get_gmem_fd gmemAdvise \
  gmemSemantics gmem_malloc gmem_free gmem_realloc; do
  ok "group 13: $name is not exported" \
    not grep -qx "$name" <<<"$exported"
done
ok 'group 13: such names of a program stay its own' run names_of_its_own

for level in O0 O2; do
  ok "group 15: malloc ends, first in the search, in a program of -$level" \
    silently with_library "$work/bugs-$level" allocate
done
ok 'group 16: the whole malloc family is of one heap' run family
ok 'group 17: memory of the heap can be prefetched' \
  run heap_memory_is_prefetched
done_testing
