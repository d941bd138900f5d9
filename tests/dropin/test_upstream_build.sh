#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The bugs of the building of openEuler's first libgmem, groups 18 and 19 of
# its review: none of them is here.
here=${GMEM_SRCDIR:?make check sets it}/tests
# shellcheck source=tests/interposition/tap.sh
. "$here/interposition/tap.sh"
# shellcheck source=tests/dropin/programs.sh
. "$here/dropin/programs.sh"

need_program readelf
# make check's own settings are not for the makes within.
unset MAKEFLAGS MFLAGS MAKELEVEL
build_variable() { sed -n "s/^$1 = //p" "$2/Makefile"; }

# A configure of its own, without a device named.
configured=$work/configured
configure() {
  mkdir "$configured" && cd "$configured" &&
    "$GMEM_SRCDIR/configure" --prefix=/some/prefix --libdir=/other/place \
      --with-jemalloc="$(build_variable JEMALLOC_DIR "$GMEM_BUILDDIR")"
}
if [ -e "$GMEM_SRCDIR/config.status" ]; then
  skip 'group 18: configure' 'the sources are configured in their own place'
else
  ok 'group 18: configure needs no device named' configure
  is /other/place "$(build_variable libdir "$configured")" \
    'group 18: --libdir is honoured'
  ok 'group 18: and in libgmem.pc' \
    grep -qx 'libdir=/other/place' "$configured/libgmem.pc"
fi
ok 'group 18: config.h is included' \
  grep -rq '#include "config.h"' "$GMEM_SRCDIR/src"

# What a release holds.
distributed=$work/distributed
ok 'group 19: make distdir' \
  make -C "$GMEM_BUILDDIR" distdir distdir="$distributed"
for directory in include src tools tests bench; do
  is "$(cd "$GMEM_SRCDIR" && find $directory -name '*.h' | sort)" \
    "$(cd "$distributed" && find $directory -name '*.h' | sort)" \
    "group 19: every header of $directory is distributed"
done
ok 'group 19: a pkg-config file is distributed' \
  test -e "$distributed/libgmem.pc.in"
is '#!' "$(head -c 2 "$GMEM_SRCDIR/autogen.sh")" \
  'group 19: autogen.sh begins with its interpreter'

needs() { readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
link_as_needed() {
  printf '#include <stdlib.h>\nint main(void) { free(malloc(1)); }\n' |
    compile -fno-builtin -x c - -o "$work/as_needed" \
      -Wl,--as-needed -L"$library_dir" -lgmem
}
ok 'group 19: a program links with --as-needed' link_as_needed
ok 'group 19: and needs the library by its versioned name' \
  grep -qx 'libgmem\.so\.0' <(needs "$work/as_needed")
done_testing
