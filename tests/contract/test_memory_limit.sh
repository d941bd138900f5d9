#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Prefetch in a memory cgroup that has no room left, where one can be made.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

group=
leave() {
  [ -z "$group" ] || rmdir "$group"
  rm -rf "$work"
}
trap leave EXIT

# make_group ROOT LIMIT: a group below the root, with 200 MiB by that file.
make_group() {
  local made=$1/libgmem-test-$$
  mkdir "$made" 2>/dev/null || return 1
  group=$made
  { echo 200M >"$group/$2"; } 2>/dev/null
}
make_group /sys/fs/cgroup/memory memory.limit_in_bytes ||
  make_group /sys/fs/cgroup memory.max ||
  skip_all 'no memory cgroup can be made here'

in_group() {
  (echo "$BASHPID" >"$group/cgroup.procs" && exec "$@")
}
ok 'a child that shares its pages by fork is told that there is no room' \
  in_group "$GMEM_BUILDDIR/tests/contract/shared_pages"
done_testing
