#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# A program that was linked with openEuler's first libgmem runs on this one.
here=${GMEM_SRCDIR:?make check sets it}/tests
# shellcheck source=tests/interposition/tap.sh
. "$here/interposition/tap.sh"
# shellcheck source=tests/dropin/programs.sh
. "$here/dropin/programs.sh"

stand_in=$work/stand_in
mkdir "$stand_in"
ok 'the stand-in is built' compile -shared -fPIC -Wl,-soname,libgmem.so.0 \
  "$dropin/stand_in.c" -o "$stand_in/libgmem.so"
ln -s libgmem.so "$stand_in/libgmem.so.0"

link_program() {
  compile "-$1" "$dropin/upstream_program.c" -o "$work/program-$1" \
    -L"$stand_in" -lgmem -ldl
}

# Without versions: as nm shows the names that the program has from elsewhere.
unversioned_calls() {
  nm -D --undefined-only --with-symbol-versions "$1" |
    awk '$2 ~ /^(gmem|malloc|realloc|free)/ { print $2 }' | sort | tr '\n' ' '
}

for level in O0 O2; do
  program=$work/program-$level
  ok "-$level: the program is linked with the stand-in" link_program "$level"
  is 'free gmemFreeEager gmemGetNumaId gmemPrefetch malloc realloc ' \
    "$(unversioned_calls "$program")" "-$level: by names without versions"
  ok "-$level: it does not run on the stand-in" \
    not env LD_LIBRARY_PATH="$stand_in" "$program" numa_id
  for user in $(possible_users); do
    for step in nothing numa_id prefetch prefetch_untouched free_eager heap \
      errors calls_at_exit; do
      ok "-$level, user $user: $step" \
        silently as_user "$user" "$program" "$step"
    done
  done
done
[ "$(possible_users | wc -l)" -gt 1 ] ||
  skip 'another user' 'only root can run programs as another user'
done_testing
