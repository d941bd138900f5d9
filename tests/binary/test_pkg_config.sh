#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# libgmem.pc as configure made it.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

need_program pkg-config
file=$GMEM_BUILDDIR/libgmem.pc
export PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
configured() { "$GMEM_BUILDDIR/config.status" --config | grep -oP "(?<=--$1=)[^' ]+"; }
pc() { pkg-config "$@" "$file"; }

ok 'it is valid' pc --validate
is '' "$(grep -o '@[A-Za-z_]*@' "$file")" 'nothing is left to be filled in'
is "$(sed -n 's/.*PACKAGE_VERSION "\(.*\)"/\1/p' "$GMEM_BUILDDIR/config.h")" \
  "$(pc --modversion)" 'version'
prefix=$(configured prefix || echo /usr/local)
is "$prefix" "$(pc --variable=prefix)" 'prefix'
libdir=$(configured libdir || echo "$prefix/lib")
libdir=${libdir/\$\{prefix\}/$prefix}
is "$libdir" "$(pc --variable=libdir)" 'libdir'
is "-L$libdir -lgmem" "$(pc --libs | sed 's/ *$//')" 'libs'
is "-I$prefix/include" "$(pc --cflags | sed 's/ *$//')" 'cflags'
done_testing
