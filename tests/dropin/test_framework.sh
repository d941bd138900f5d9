#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# A framework that loads libgmem where there is one.
here=${GMEM_SRCDIR:?make check sets it}/tests
# shellcheck source=tests/interposition/tap.sh
. "$here/interposition/tap.sh"
# shellcheck source=tests/dropin/programs.sh
. "$here/dropin/programs.sh"

loader=$work/framework_loader
ok 'the loader is built' \
  compile "$dropin/framework_loader.c" -o "$loader" -pthread -ldl

for user in $(possible_users); do
  ok "user $user: loads, prefetches and frees in threads, unloads, thrice" \
    silently as_user "$user" "$loader"
done
ok 'also without static TLS to spare' silently with_library \
  env GLIBC_TUNABLES=glibc.rtld.optional_static_tls=0 "$loader"
ok 'also where the heap is the program'"'"'s, too' \
  silently with_library env LD_PRELOAD="$library_dir/libgmem.so.0" \
  "$loader"

if PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q 'libgmem\.so '; then
  skip 'without a library' 'libgmem is installed on this machine'
else
  "$loader" >"$work/out" 2>"$work/err"
  is 3 "$?" 'without a library, dlopen says so and the program goes on'
  is '' "$(cat "$work/out" "$work/err")" 'and nothing else is said'
fi
done_testing
