#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# What tells the variants of the Ascend runtime's double apart, and how they
# are laid out.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?}/tests/interposition/tap.sh"

lay_out() { "$GMEM_SRCDIR/tests/doubles/ascendcl/lay-out" "$@"; }

exports_of() { nm -D --defined-only "$1" | awk '{ print $3 }' | sort; }

soname_of() { readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p'; }

all_but() {
  comm -23 <(exports_of "$work/full/lib64/libascendcl.so") \
    <(exports_of "$work/$1/lib64/libascendcl.so") | paste -sd ' '
}

for variant in full callback minimal broken; do
  ok "$variant is laid out" lay_out "$work/$variant" "$variant"
  is libascendcl.so "$(soname_of "$work/$variant/lib64/libascendcl.so")" \
    "$variant has the runtime's soname"
done
is '' "$(exports_of "$work/full/lib64/libascendcl.so" | grep -v '^acl')" \
  'it exports what is named acl alone'
is aclrtLaunchHostFunc "$(all_but callback)" 'callback lacks host functions'
is 'aclrtLaunchCallback aclrtLaunchHostFunc aclrtProcessReport '"$(
  )"'aclrtSubscribeReport aclrtUnSubscribeReport' "$(all_but minimal)" \
  'minimal lacks callbacks too'
is aclrtCreateStream "$(all_but broken)" 'broken cannot create a stream'

place=$(uname -m)-linux/lib64
ok 'it can be laid out under its other name' \
  lay_out "$work/other" full "$place" libacl_rt.so
is libacl_rt.so "$(soname_of "$work/other/$place/libacl_rt.so")" \
  'which is its soname too'

done_testing
