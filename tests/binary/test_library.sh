#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# What the built library needs, and how it is loaded: readelf's word.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

need_program readelf
library=${GMEM_LIBRARY:?names the library under test}
dynamic=$(readelf -dW "$library")
headers=$(readelf -lW "$library")

# The values of one tag of the dynamic section, one a line.
values() { sed -n "s/.*($1).*[[:space:]]\[\?\([^]]*\)\]\?$/\1/p" <<<"$dynamic"; }
has() { grep -qE -- "$1" <<<"$2"; }

needed=$(values NEEDED)
ok 'reads its needs' has '^libc\.so\.' "$needed"
# dlopen is in a library of its own before glibc 2.34.
dlopen_library=
printf '%s\n' 2.34 "$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)" |
  sort -CV || dlopen_library='|libdl'
is '' "$(grep -vE "^(libc|libm|libpthread|ld-linux[^.]*$dlopen_library)\.so\." \
  <<<"$needed")" \
  'needs nothing but libc, libm and the loader'
is libgmem.so.0 "$(values SONAME)" 'soname'

ok 'NODELETE' has 'FLAGS_1.* NODELETE' "$dynamic"
ok 'NOW' has 'FLAGS_1.* NOW' "$dynamic"
ok 'no STATIC_TLS' not has 'STATIC_TLS' "$dynamic"
ok 'no TEXTREL' not has 'TEXTREL' "$dynamic"
ok 'no RPATH or RUNPATH' not has '\((RPATH|RUNPATH)\)' "$dynamic"

ok 'RELRO' has '^ *GNU_RELRO ' "$headers"
ok 'the stack is not executable' has '^ *GNU_STACK .* RW +0x' "$headers"
ok 'no segment is writable and executable' \
  not has '^ *LOAD .* RWE ' "$headers"
# Pages of aarch64's kernels have up to 64 KiB.
if has 'AArch64' "$(readelf -h "$library")"; then
  ok 'segments are aligned for pages of 64 KiB' \
    not has '^ *LOAD .* 0x[0-9a-f]{1,4}$' "$headers"
fi

tls=$(awk '$1 == "TLS" { print $6 }' <<<"$headers")
ok "at most 64 bytes of static TLS (${tls:-0})" test "$((${tls:-0}))" -le 64
done_testing
