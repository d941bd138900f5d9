#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# libgmem.a offers what the shared library offers, but for the C library's own
# pthread_create, and nothing else: nm's word.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
: "${GMEM_LIBRARY:?names the library under test}"

need_program nm
archive=$GMEM_BUILDDIR/libgmem.a
[ -e "$archive" ] || skip_all 'this build has no libgmem.a'

# Without versions.
names() { sed 's/@.*//' | sort -u; }
offered=$(nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | names)
shared=$(nm -D --defined-only "$GMEM_LIBRARY" |
  awk '$2 != "A" { print $3 }' | names | grep -vx pthread_create)
is "$shared" "$offered" 'offers the names of the shared library'

undefined=$(nm -u "$archive" | awk 'NF == 2 { print $2 }' | names)
ok 'reads what is undefined' grep -qx memcpy <<<"$undefined"
is '' "$(grep -E '^(_Z|__cxa_|__gxx_|_Unwind_|gmem)' <<<"$undefined")" \
  'nothing of ours or of the C++ run time is undefined'
is 1 "$(ar t "$archive" | wc -l)" 'is one object: all of it or nothing'
done_testing
